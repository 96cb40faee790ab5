// Latents in their two forms: floats, and integers on the grid 2^-8; and as networks see them. docs/exact-arithmetic-2.md.

#pragma once

#include <algorithm>
#include <cstdint>

namespace integer {

constexpr int kLatentBits = 8;
constexpr int kContextShift = 3;  // from 2^-8 to the 2^-5 that networks see
constexpr std::int32_t kLatentMax = 32767;
constexpr std::int32_t kFeatureMax = 16383;

// To the nearest, ties up; 0 <= shift <= 30.
template <class T>
inline T rounded(T n, int shift) {
    return (n + ((T{1} << shift) >> 1)) >> shift;
}

// To the nearest, ties to even, for magnitudes below 2^51; not a number is 0.
inline double nearest(double v) {
    constexpr double kMagic = 6755399441055744.0;  // 1.5 * 2^52
    v = v == v ? v : 0.0;
    return v + kMagic - kMagic;
}

inline double between(double v, double low, double high) { return v < low ? low : v > high ? high : v; }

inline std::int32_t on_grid(float latent) {
    const double scaled = static_cast<double>(latent) * (1 << kLatentBits);
    return static_cast<std::int32_t>(nearest(between(scaled, -2147483647.0, 2147483647.0)));
}

inline float to_float(std::int32_t latent) { return static_cast<float>(latent) * (1.0F / (1 << kLatentBits)); }

inline std::int16_t seen(std::int32_t latent) {
    // Without the overflow of half a unit added to the largest.
    const std::int64_t n = rounded<std::int64_t>(latent, kContextShift);
    return static_cast<std::int16_t>(std::clamp<std::int64_t>(n, -kLatentMax, kLatentMax));
}

}  // namespace integer
