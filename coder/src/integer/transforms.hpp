// Samples to latents and back over a whole picture.

#pragma once

#include <cstdint>

#include "chain.hpp"

namespace integer {

// Values anywhere in memory; strides are in values.
template <class T>
struct Plane {
    T* at = nullptr;
    std::size_t height = 0, width = 0, channels = 0;
    std::ptrdiff_t row = 0, column = 0, channel = 0;

    T* position(std::size_t y, std::size_t x) const {
        return at + static_cast<std::ptrdiff_t>(y) * row + static_cast<std::ptrdiff_t>(x) * column;
    }
};

// Latents, height x width x channels, of which a row lies together; `row` values from one to the next.
template <class T>
struct Latents {
    T* at;
    std::size_t height, width, channels, row;

    T* position(std::size_t y, std::size_t x) const { return at + y * row + x * channels; }
};

// What latents are multiplied with, by the quality of their position. Tables are qualities x channels.
struct Gains {
    const std::int16_t* factor;
    const std::uint8_t* shift;
    const std::uint8_t* quality;  // height x width
};

// The picture's samples (three channels), repeated beyond its edges, through g_a to latents that are multiples of 2^-8.
template <class Sample>
void analyse(const Run& run, const Chain& g_a, const Plane<const Sample>& samples, const Gains& gains,
             const Latents<float>& y);

// And back to samples of one channel or three; what lies beyond the picture is left out.
template <class Sample>
void synthesize(const Run& run, const Chain& g_s, const Latents<const float>& y_hat, const Gains& gains,
                const Plane<Sample>& samples);

// What g_s is given of latents: clamp(rnd(factor y8, shift)).
void entering(const Latents<const float>& y_hat, const Gains& gains, std::size_t row, std::int16_t* to);

// Latents through h_a: z, times a power of two a channel.
void hyper(const Run& run, const Chain& h_a, const Latents<const float>& y, const std::int8_t* exponents, float* z);

}  // namespace integer
