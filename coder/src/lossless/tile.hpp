// Tiles to streams and back. Samples are of a Kind, sides 1 to kSideMax.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "model.hpp"

namespace lossless {

// Called every few groups; what it throws ends the work.
using Check = std::function<void()>;

// A tile's samples and sides.
struct Shape {
    Kind kind;
    std::size_t height = 0, width = 0;

    std::size_t pixels() const { return height * width; }
    std::size_t bytes() const { return pixels() * kind.bytes(); }
};

// bits, of both: what each sample took, height x width x channels in the order of samples, none where another stands for
// it; nobody's where it is null.
std::vector<std::uint8_t> encode(const Model& model, const integer::Kernels& kernels, const std::uint8_t* samples,
                                 const Shape& shape, float* bits, const Check& check);

// Throws std::invalid_argument if the bytes are not the stream of such a tile.
void decode(const Model& model, const integer::Kernels& kernels, const std::uint8_t* data, std::size_t size,
            std::uint8_t* samples, const Shape& shape, float* bits, const Check& check);

// What is said of each pixel, as it is before its samples are known: head, height x width x kNumbers * components, and
// prediction, height x width x 3.
void heads(const Model& model, const integer::Kernels& kernels, const std::uint8_t* samples, const Shape& shape,
           std::int32_t* head, std::int32_t* prediction, const Check& check);

}  // namespace lossless
