#include "transforms.hpp"

#include <cmath>
#include <type_traits>

#include "latents.hpp"

namespace integer {
namespace {

constexpr std::int32_t kDeepOffset = 1 << 15;  // what is taken off 16-bit samples
constexpr std::size_t kColours = 3;
constexpr std::size_t kBand = 128;  // latents of a band for each thread: what it computes then stays in its cache

// Rows of latents at a time.
std::size_t band_of(std::size_t width, const Run& run) {
    return (kBand * static_cast<std::size_t>(run.threads) + width - 1) / width;
}

template <class Sample>
std::int16_t entered(Sample sample) {
    const std::int32_t n = sample;
    return static_cast<std::int16_t>(std::is_same_v<Sample, std::uint8_t> ? 2 * n - 255 : n - kDeepOffset);
}

template <class Sample>
void show(const std::int16_t* from, std::size_t width, const Plane<Sample>& samples, std::size_t y) {
    constexpr std::int32_t kOffset = std::is_same_v<Sample, std::uint8_t> ? 0 : kDeepOffset;
    for (std::size_t x = 0; x < width; ++x, from += kColours) {
        Sample* const to = samples.position(y, x);
        const std::int32_t r = from[0] + kOffset, g = from[1] + kOffset, b = from[2] + kOffset;
        if (samples.channels == 1) {
            *to = static_cast<Sample>((r + g + b + 1) / 3);
        } else {
            to[0] = static_cast<Sample>(r);
            to[samples.channel] = static_cast<Sample>(g);
            to[2 * samples.channel] = static_cast<Sample>(b);
        }
    }
}

}  // namespace

template <class Sample>
void analyse(const Run& run, const Chain& g_a, const Plane<const Sample>& samples, const Gains& gains,
             const Latents<float>& y) {
    const std::size_t stride = g_a.shrinks(), height = y.height * stride, width = y.width * stride;
    const auto fill = [&](std::size_t top, std::size_t bottom, std::int16_t* rows) {
        run.share(bottom - top, [&](std::size_t i) {
            const std::size_t row = std::min(top + i, samples.height - 1);
            std::int16_t* to = rows + i * width * kColours;
            for (std::size_t x = 0; x < width; ++x) {
                const Sample* const at = samples.position(row, std::min(x, samples.width - 1));
                for (std::size_t c = 0; c < kColours; ++c) *to++ = entered(at[static_cast<std::ptrdiff_t>(c) * samples.channel]);
            }
        });
    };
    const auto take = [&](std::size_t top, std::size_t bottom, const std::int16_t* rows) {
        run.share(bottom - top, [&](std::size_t i) {
            const std::int16_t* from = rows + i * y.width * y.channels;
            for (std::size_t x = 0; x < y.width; ++x, from += y.channels) {
                const std::size_t table = gains.quality[(top + i) * y.width + x] * y.channels;
                float* const to = y.position(top + i, x);
                for (std::size_t c = 0; c < y.channels; ++c) {
                    to[c] = to_float(rounded<std::int32_t>(from[c] * gains.factor[table + c], gains.shift[table + c]));
                }
            }
        });
    };
    g_a.run(run, height, width, band_of(y.width, run) * stride, fill, take);
}

template <class Sample>
void synthesize(const Run& run, const Chain& g_s, const Latents<const float>& y_hat, const Gains& gains,
                const Plane<Sample>& samples) {
    const std::size_t width = g_s.scaled(y_hat.width);
    const auto fill = [&](std::size_t top, std::size_t bottom, std::int16_t* rows) {
        run.share(bottom - top, [&](std::size_t i) {
            entering(y_hat, gains, top + i, rows + i * y_hat.width * y_hat.channels);
        });
    };
    const auto take = [&](std::size_t top, std::size_t bottom, const std::int16_t* rows) {
        if (top >= samples.height) return;
        run.share(std::min(bottom, samples.height) - top, [&](std::size_t i) {
            show(rows + i * width * kColours, samples.width, samples, top + i);
        });
    };
    g_s.run(run, y_hat.height, y_hat.width, band_of(y_hat.width, run), fill, take);
}

void entering(const Latents<const float>& y_hat, const Gains& gains, std::size_t row, std::int16_t* to) {
    for (std::size_t x = 0; x < y_hat.width; ++x, to += y_hat.channels) {
        const float* const from = y_hat.position(row, x);
        const std::size_t table = gains.quality[row * y_hat.width + x] * y_hat.channels;
        for (std::size_t c = 0; c < y_hat.channels; ++c) {
            const std::int64_t product = std::int64_t{on_grid(from[c])} * gains.factor[table + c];
            const std::int64_t n = rounded(product, gains.shift[table + c]);
            to[c] = static_cast<std::int16_t>(std::clamp<std::int64_t>(n, -kFeatureMax, kFeatureMax));
        }
    }
}

void hyper(const Run& run, const Chain& h_a, const Latents<const float>& y, const std::int8_t* exponents, float* z) {
    const std::size_t row = y.width * y.channels, width = h_a.scaled(y.width), channels = h_a.outputs();
    const auto fill = [&](std::size_t top, std::size_t bottom, std::int16_t* rows) {
        run.share(bottom - top, [&](std::size_t i) {
            const float* const from = y.position(top + i, 0);
            for (std::size_t k = 0; k < row; ++k) rows[i * row + k] = seen(on_grid(from[k]));
        });
    };
    const auto take = [&](std::size_t top, std::size_t bottom, const std::int16_t* rows) {
        float* to = z + top * width * channels;
        for (std::size_t k = 0; k < (bottom - top) * width * channels; ++k) {
            to[k] = std::ldexp(static_cast<float>(rows[k]), exponents[k % channels]);
        }
    };
    h_a.run(run, y.height, y.width, y.height, fill, take);
}

template void analyse(const Run&, const Chain&, const Plane<const std::uint8_t>&, const Gains&, const Latents<float>&);
template void analyse(const Run&, const Chain&, const Plane<const std::uint16_t>&, const Gains&, const Latents<float>&);
template void synthesize(const Run&, const Chain&, const Latents<const float>&, const Gains&, const Plane<std::uint8_t>&);
template void synthesize(const Run&, const Chain&, const Latents<const float>&, const Gains&, const Plane<std::uint16_t>&);

}  // namespace integer
