// Tiles to streams and back. Samples are height x width x 3 bytes in RGB order, sides 1 to kSideMax.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "model.hpp"

namespace lossless {

// Called every few groups; what it throws ends the work.
using Check = std::function<void()>;

std::vector<std::uint8_t> encode(const Model& model, const integer::Kernels& kernels, const std::uint8_t* samples,
                                 std::size_t height, std::size_t width, const Check& check);

// Throws std::invalid_argument if the bytes are not the stream of such a tile.
void decode(const Model& model, const integer::Kernels& kernels, const std::uint8_t* data, std::size_t size,
            std::uint8_t* samples, std::size_t height, std::size_t width, const Check& check);

// What is said of each pixel, as it is before its samples are known: head, height x width x kNumbers * components, and
// prediction, height x width x 3.
void heads(const Model& model, const integer::Kernels& kernels, const std::uint8_t* samples, std::size_t height,
           std::size_t width, std::int32_t* head, std::int32_t* prediction, const Check& check);

}  // namespace lossless
