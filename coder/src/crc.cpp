#include "crc.hpp"

#include <array>

#include "common.hpp"

namespace rans {
namespace {

using Remainders = std::array<std::array<std::uint32_t, 256>, 4>;

// Of every byte with none to three bytes of zeros behind it.
const Remainders& remainders() {
    static const Remainders table = [] {
        Remainders made{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t n = i;
            for (int bit = 0; bit < 8; ++bit) n = (n >> 1) ^ (n & 1 ? 0xEDB88320U : 0);
            made[0][i] = n;
        }
        for (std::size_t i = 0; i < 256; ++i) {
            for (std::size_t k = 1; k < 4; ++k) made[k][i] = (made[k - 1][i] >> 8) ^ made[0][made[k - 1][i] & 255];
        }
        return made;
    }();
    return table;
}

std::uint32_t add_word(const Remainders& table, std::uint32_t crc, std::uint32_t word) {
    crc ^= word;
    return table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^ table[0][crc >> 24];
}

std::uint32_t add_byte(const Remainders& table, std::uint32_t crc, std::uint32_t byte) {
    return (crc >> 8) ^ table[0][(crc ^ byte) & 255];
}

}  // namespace

std::uint32_t crc32(std::uint32_t crc, const std::uint8_t* data, std::size_t size) {
    const Remainders& table = remainders();
    crc = ~crc;
    std::size_t i = 0;
    for (; i + 4 <= size; i += 4) crc = add_word(table, crc, load32(data + i));
    for (; i < size; ++i) crc = add_byte(table, crc, data[i]);
    return ~crc;
}

std::uint32_t crc32(std::uint32_t crc, const std::int32_t* symbols, std::size_t count) {
    const Remainders& table = remainders();
    const auto low = [symbols](std::size_t i) { return std::uint32_t{static_cast<std::uint16_t>(symbols[i])}; };
    crc = ~crc;
    std::size_t i = 0;
    for (; i + 2 <= count; i += 2) crc = add_word(table, crc, low(i) | low(i + 1) << 16);
    for (; i < count; ++i) crc = add_byte(table, add_byte(table, crc, low(i) & 255), low(i) >> 8);
    return ~crc;
}

}  // namespace rans
