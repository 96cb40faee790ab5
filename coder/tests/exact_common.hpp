// What the tests of exact arithmetic share.

#pragma once

#include <string>
#include <vector>

#include "kernels.hpp"
#include "operands.hpp"

namespace exact {
extern const Kernels scalar;  // the plain loops that machines other than x86 run; built for these tests alone
}

using exact::Kernels;

inline std::vector<const Kernels*> instruction_sets() {
    std::size_t count = 0;
    const Kernels* const* all = exact::available(count);
    std::vector<const Kernels*> found(all, all + count);
    CHECK(found.size() >= 1 && found.back()->name == std::string("portable"));
    found.push_back(&exact::scalar);
    return found;
}

constexpr std::int64_t kWeightMax = 8127;
constexpr std::int64_t kUntouched = INT64_MIN + 77;  // no kernel writes it

inline Narrow activations(Random& random, std::size_t count, Draw how) {
    return drawn<std::int16_t>(random, count, exact::kActivationMax, how);
}

inline std::int64_t moved(std::int64_t a, int shift) { return shift >= 0 ? a * power(shift) : rounded(a, -shift); }

inline std::int64_t peak_of(const Wide& values) {
    std::int64_t peak = 0;
    for (const std::int64_t v : values) peak = v == kUntouched ? peak : std::max(peak, magnitude(v));
    return peak;
}
