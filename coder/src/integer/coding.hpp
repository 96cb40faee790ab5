// A tile's latents to code streams and back.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "context.hpp"
#include "rans.hpp"

namespace integer {

using Tables = std::shared_ptr<const rans::Tables>;
struct Bytes {
    const std::uint8_t* at;
    std::size_t size;
};

// What went through the streams. Bits are requests x height x width.
struct Record {
    std::uint32_t crc = 0;  // CRC-32 of the symbols, int16 little-endian, in coding order
    std::vector<float> bits;
};

// y: the tile's latents, which become what a decoder has. z: those of the hyperprior. Throws Stopped.
std::vector<std::vector<std::uint8_t>> encode(const Run& run, const std::shared_ptr<const Entropy>& entropy,
                                              const Tables& tables, const Latents<const float>& y,
                                              const Latents<const float>& z, const Latents<float>& y_hat,
                                              Record& record);

// Only the first `known` requests are read; the symbols of the others are 0, and streams are not looked at beyond.
// Throws Stopped, and rans::Error where streams hold something else than that tile's symbols.
void decode(const Run& run, const std::shared_ptr<const Entropy>& entropy, const Tables& tables,
            const std::vector<Bytes>& streams, std::size_t known, const Latents<float>& y_hat, Record& record);

}  // namespace integer
