// Mixtures of logistic distributions as intervals of a coder's 2^18: hpcm_core/models/lossless/counts.py in C++.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lossless {

constexpr std::size_t kColours = 3;
constexpr std::size_t kComponentsMax = 16;  // of a mixture: sums of weights times the function stay below 2^36
constexpr int kTotalBits = 18;
constexpr int kLevels = 256;
constexpr int kLevelBits = 8;  // means, predictions and samples of 16 bits are in 2^-8 levels of 8 bits
constexpr std::int32_t kLogitMax = 1 << 20, kMeanMax = 1 << 17, kPredictionMax = 1 << 17, kCoefficientMax = 2048;
constexpr std::int32_t kScaleLow = -128, kScaleDeepLow = -320, kScaleHigh = 448;

// Numbers of the head for a component: logit, means, scales and coefficients.
constexpr std::size_t kNumbers = 1 + 2 * kColours + kColours * (kColours - 1) / 2;

// As counts.py has them; made there, so that they cannot differ.
struct Tables {
    std::vector<std::int32_t> powers, inverses, logistic, fine;  // fine: logistic in 2^-24

    // Throws std::invalid_argument if these are not such tables.
    void check() const;
};

// Of the 2^18 slots of a coder.
struct Interval {
    std::uint32_t start = 0, count = 0;
};

// The distributions of one pixel's samples in coding order, each given those before it.
//
// A sample of 8 bits is one interval, one of 16 bits is two: its upper half, and the lower half given that.
class Mixture {
public:
    Mixture(const Tables& tables, std::size_t components, bool deep)
        : tables_(&tables), all_(components), deep_(deep) {}

    // head: kNumbers * components numbers, clamped to their ranges; prediction: kColours numbers. Both are read later.
    void begin(const std::int32_t* head, const std::int32_t* prediction);
    // On to a colour, whose earlier ones have these samples, in 2^-8 levels. Colours come in order. Then to its value,
    // or the upper half of it.
    void colour(std::size_t colour, const std::int32_t* samples);
    // On to the lower half of a sample of 16 bits.
    void lower(int upper);

    Interval interval(int value) const;
    // The value whose interval has the slot, and that interval.
    int find(std::uint32_t slot, Interval& found) const;

private:
    std::int64_t until(std::int32_t edge) const;
    std::int64_t inside(int bound) const;
    std::uint32_t cumulative(std::int64_t inside, int bound) const;
    void focus(std::int32_t first, std::int32_t step);

    const Tables* tables_;
    std::size_t all_, live_ = 0;  // components, and those of them that have a weight
    bool deep_;
    const std::int32_t *head_ = nullptr, *prediction_ = nullptr;
    std::size_t component_[kComponentsMax] = {};
    std::int64_t weight_[kComponentsMax] = {}, mean_[kComponentsMax] = {}, inverse_[kComponentsMax] = {};
    std::int64_t whole_ = 0;             // sum of the weights, times the function's 1
    std::int32_t first_ = 0, step_ = 0;  // edges of the 256 values: where they begin, and from one to the next
    std::int64_t below_ = 0, span_ = 0;  // sum at the first edge, and from there to the last; 0 for an even share
};

}  // namespace lossless
