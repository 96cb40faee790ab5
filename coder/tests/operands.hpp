// Operands of the tests of kernels, and their rules in divisions where the kernels shift.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "check.hpp"

using Narrow = std::vector<std::int16_t>;
using Wide = std::vector<std::int64_t>;
using Sizes = std::initializer_list<std::size_t>;

// How a test's values are drawn: all over the range, near zero, or nothing but the ends of the range.
enum class Draw { kWhole, kSmall, kEnds, kTop, kBottom };
constexpr Draw kDraws[] = {Draw::kWhole, Draw::kSmall, Draw::kEnds, Draw::kTop, Draw::kBottom};

inline std::int64_t draw(Random& random, std::int64_t most, Draw how) {
    const auto within = [&](std::int64_t m) {
        return static_cast<std::int64_t>(random() % (2 * static_cast<std::uint64_t>(m) + 1)) - m;
    };
    switch (how) {
        case Draw::kWhole: return within(most);
        case Draw::kSmall: return within(std::min<std::int64_t>(most, 3));
        case Draw::kEnds: return random() % 2 ? most : -most;
        case Draw::kTop: return most;
        default: return -most;
    }
}

template <class T>
std::vector<T> drawn(Random& random, std::size_t count, std::int64_t most, Draw how) {
    std::vector<T> values(count);
    for (T& v : values) v = static_cast<T>(draw(random, most, how));
    return values;
}

inline Wide shifts(Random& random, std::size_t count, std::size_t most) {
    Wide values(count);
    for (std::int64_t& v : values) v = static_cast<std::int64_t>(below(random, most + 1));
    return values;
}

// Rounded to minus infinity; b > 0.
inline std::int64_t divided(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
inline std::int64_t power(std::int64_t shift) { return std::int64_t{1} << shift; }
inline std::int64_t rounded(std::int64_t a, int shift) {
    return shift == 0 ? a : divided(a + power(shift - 1), power(shift));
}
inline std::int64_t magnitude(std::int64_t a) { return a < 0 ? -a : a; }
