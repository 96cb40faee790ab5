// What the encoder and the decoder share: the constants of the format, words in memory, escapes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "rans.hpp"

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64)) && !defined(__SIZEOF_INT128__)
#include <intrin.h>
#endif

namespace rans {

inline constexpr unsigned kScaleBits = 16;
inline constexpr std::uint32_t kScale = 1U << kScaleBits;
inline constexpr unsigned kWordBits = 32;
inline constexpr std::size_t kWordBytes = 4;
inline constexpr std::size_t kStateBytes = 8;

// A state lies in [kLower, 2^kStateBits) between symbols.
inline constexpr unsigned kLowerBits = 30;
inline constexpr std::uint64_t kLower = std::uint64_t{1} << kLowerBits;
inline constexpr unsigned kStateBits = kLowerBits + kWordBits;

// Costs are summed in 1/2048 bit: the greatest, 16 bits, is then 2^15 and fits in 16 bits.
inline constexpr std::uint64_t kCostUnit = 2048;

inline constexpr unsigned kEscapeLengthBits = 5;
inline constexpr unsigned kEscapeMaxLength = 16;        // u + 1 <= 2 * 65534 + 1 < 2^17
inline constexpr std::int16_t kEscape = -32768;         // as a DecodeEntry's value: no symbol has it
inline constexpr std::uint32_t kEscapeFlag = 1U << 31;  // in an Encoder's entries: there are at most 2^24

inline constexpr const char* kTooShort = "The stream is shorter than its symbols.";
inline constexpr const char* kBadEscape = "The stream holds an impossible value.";

inline std::uint32_t load32(const std::uint8_t* p) noexcept {
    return std::uint32_t{p[0]} | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 | std::uint32_t{p[3]} << 24;
}

inline void store32(std::uint8_t* p, std::uint32_t v) noexcept {
    p[0] = static_cast<std::uint8_t>(v);
    p[1] = static_cast<std::uint8_t>(v >> 8);
    p[2] = static_cast<std::uint8_t>(v >> 16);
    p[3] = static_cast<std::uint8_t>(v >> 24);
}

inline std::uint64_t load64(const std::uint8_t* p) noexcept { return load32(p) | std::uint64_t{load32(p + 4)} << 32; }

inline void store64(std::uint8_t* p, std::uint64_t v) noexcept {
    store32(p, static_cast<std::uint32_t>(v));
    store32(p + 4, static_cast<std::uint32_t>(v >> 32));
}

// The upper half of the product.
inline std::uint64_t mul_high_portable(std::uint64_t a, std::uint64_t b) noexcept {
    const std::uint64_t a0 = a & 0xFFFFFFFF, a1 = a >> 32, b0 = b & 0xFFFFFFFF, b1 = b >> 32;
    const std::uint64_t left = a1 * b0 + (a0 * b0 >> 32);
    const std::uint64_t right = a0 * b1 + (left & 0xFFFFFFFF);
    return a1 * b1 + (left >> 32) + (right >> 32);
}

inline std::uint64_t mul_high(std::uint64_t a, std::uint64_t b) noexcept {
#if defined(__SIZEOF_INT128__)
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(Wide{a} * b >> 64);
#elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
    return __umulh(a, b);
#else
    return mul_high_portable(a, b);
#endif
}

inline std::uint64_t quotient(std::uint64_t x, const EncodeEntry& e) noexcept {
    return mul_high(2 * x, e.reciprocal) >> e.shift;
}

// floor(log2 v), v >= 1
inline unsigned log2_floor(std::uint32_t v) noexcept {
    unsigned n = 0;
    while (v >>= 1) ++n;
    return n;
}

// The index of a value in a table, or anything from the escape's on if it has none.
inline std::uint32_t symbol_index(std::int32_t value, std::int32_t offset) noexcept {
    return static_cast<std::uint32_t>(value) - static_cast<std::uint32_t>(offset);
}

// u + 1 of the format for a value outside of the table. Throws std::invalid_argument if it is beyond kMaxMagnitude.
inline std::uint32_t escape_code(std::int32_t value, std::int32_t offset, std::uint32_t escape) {
    if (value < -kMaxMagnitude || value > kMaxMagnitude) {
        throw std::invalid_argument("A symbol is not within -32767 and 32767.");
    }
    const std::int32_t w = value - offset;
    return w < 0 ? 2 * static_cast<std::uint32_t>(-w) : 2 * (static_cast<std::uint32_t>(w) - escape) + 1;
}

// The number of states for a payload of at least `bits` bits: the 64 bits that each state after the first may cost must
// be within 0.09 % of it.
inline constexpr std::size_t lanes_for(std::uint64_t bits) noexcept {
    std::size_t lanes = kMaxLanes;
    while (lanes > 1 && bits / 10000 * 9 < (lanes - 1) * 64) lanes /= 2;
    return lanes;
}

template <class Step, std::size_t... J>
inline std::size_t unrolled(Step&& step, std::index_sequence<J...>) {
    std::size_t done = 0;
    static_cast<void>(((step(std::integral_constant<std::size_t, J>{}) && (++done, true)) && ...));
    return done;
}

// Calls step(0), step(1), .., step(N - 1) with compile-time numbers until one returns false, and returns how many
// returned true.
template <std::size_t N, class Step>
inline std::size_t unrolled(Step&& step) {
    return unrolled(step, std::make_index_sequence<N>{});
}

}  // namespace rans
