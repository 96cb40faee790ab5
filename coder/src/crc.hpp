// CRC-32 as zlib has it, four bytes at a time.

#pragma once

#include <cstddef>
#include <cstdint>

namespace rans {

// Continue a CRC-32, from 0, with bytes.
std::uint32_t crc32(std::uint32_t crc, const std::uint8_t* data, std::size_t size);

// With symbols, each as int16, little-endian.
std::uint32_t crc32(std::uint32_t crc, const std::int32_t* symbols, std::size_t count);

}  // namespace rans
