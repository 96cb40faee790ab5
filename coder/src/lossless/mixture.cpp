#include "mixture.hpp"

#include <algorithm>
#include <stdexcept>

namespace lossless {

namespace {

constexpr int kLogitBits = 10, kUnitBits = 16, kFineBits = 24, kCoefficientBits = 10, kOctaves = 16;
constexpr int kGridBits = 8, kBetweenBits = 8;  // of the logistic function's table, and between two of its entries
constexpr std::int64_t kEnd = 3072;             // where the function ends, in its table's steps
constexpr std::int64_t kRoom = (1 << kTotalBits) - kLevels;
constexpr std::int32_t kLast = kLevels << kLevelBits;  // edge

std::int32_t rounded(std::int32_t n, int shift) { return (n + ((1 << shift) >> 1)) >> shift; }

bool within(const std::vector<std::int32_t>& table, std::size_t size, std::int32_t low, std::int32_t high) {
    return table.size() == size &&
           std::all_of(table.begin(), table.end(), [=](std::int32_t n) { return low <= n && n <= high; });
}

}  // namespace

void Tables::check() const {
    // The largest component has the first power as its weight, so no sum of weights is 0.
    if (!within(powers, 1 << kLogitBits, 1, 1 << kUnitBits) ||
        !within(inverses, kScaleHigh - kScaleDeepLow + 1, 1, 1 << (kUnitBits + 5)) ||
        !within(logistic, 2 * kEnd + 1, 0, 1 << kUnitBits) || !std::is_sorted(logistic.begin(), logistic.end()) ||
        !within(fine, 2 * kEnd + 1, 0, 1 << kFineBits) || !std::is_sorted(fine.begin(), fine.end())) {
        throw std::invalid_argument("The tables of distributions are none.");
    }
}

void Mixture::begin(const std::int32_t* head, const std::int32_t* prediction) {
    head_ = head;
    prediction_ = prediction;
    const std::int32_t largest = *std::max_element(head, head + all_);
    live_ = 0;
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < all_; ++k) {
        const std::int32_t below = largest - head[k], octave = below >> kLogitBits;
        if (octave >= kOctaves) continue;
        const std::int32_t weight =
            rounded(tables_->powers[static_cast<std::size_t>(below & ((1 << kLogitBits) - 1))], octave);
        if (weight == 0) continue;
        component_[live_] = k;
        weight_[live_++] = weight;
        sum += weight;
    }
    whole_ = sum << (deep_ ? kFineBits : kUnitBits);
}

void Mixture::colour(std::size_t colour, const std::int32_t* samples) {
    const std::int32_t* const means = head_ + all_;
    const std::int32_t* const scales = means + kColours * all_;
    const std::int32_t* const coefficients = scales + kColours * all_;
    const auto away = [&](std::size_t c) { return samples[c] - prediction_[c]; };
    const std::int32_t first = colour > 0 ? away(0) : 0, second = colour > 1 ? away(1) : 0;
    for (std::size_t i = 0; i < live_; ++i) {
        const std::size_t at = component_[i] * kColours;
        const std::int32_t* const c = coefficients + at;
        // Below 2^31: differences are below 2^18, coefficients at most 2^11.
        const std::int32_t more = colour == 0 ? 0 : colour == 1 ? c[0] * first : c[1] * first + c[2] * second;
        mean_[i] = prediction_[colour] + means[at + colour] + rounded(more, kCoefficientBits);
        inverse_[i] = tables_->inverses[static_cast<std::size_t>(scales[at + colour] - kScaleDeepLow)];
    }
    focus(0, 1 << kLevelBits);
}

void Mixture::lower(int upper) { focus(upper << kLevelBits, 1); }

void Mixture::focus(std::int32_t first, std::int32_t step) {
    first_ = first;
    step_ = step;
    below_ = until(first);
    span_ = until(first + kLevels * step) - below_;
}

// The sum of the weights times their functions at an edge, in 2^-8 levels; the ends have the tails. Below 2^36, or
// below 2^44 for samples of 16 bits.
std::int64_t Mixture::until(std::int32_t edge) const {
    if (edge <= 0) return 0;
    if (edge >= kLast) return whole_;
    std::int64_t sum = 0;
    if (!deep_) {
        const std::int64_t x = edge - (1 << (kLevelBits - 1));  // a value stands in the middle of what is rounded to it
        const std::int32_t* const logistic = tables_->logistic.data() + kEnd;
        for (std::size_t i = 0; i < live_; ++i) {
            const std::int64_t steps = ((x - mean_[i]) * inverse_[i]) >> (kLevelBits + kUnitBits - kGridBits);
            sum += weight_[i] * logistic[std::min(std::max(steps, -kEnd), kEnd)];
        }
        return sum;
    }
    constexpr std::int64_t kBetween = 1 << kBetweenBits, kOut = kEnd * kBetween;
    const std::int32_t* const logistic = tables_->fine.data() + kEnd;
    for (std::size_t i = 0; i < live_; ++i) {
        const std::int64_t fine =
            ((edge - mean_[i]) * inverse_[i]) >> (kLevelBits + kUnitBits - kGridBits - kBetweenBits);
        const std::int64_t at = std::min(std::max(fine, -kOut), kOut - 1);
        const std::int32_t* const here = logistic + (at >> kBetweenBits);
        sum += weight_[i] * (here[0] + (((here[1] - here[0]) * (at & (kBetween - 1))) >> kBetweenBits));
    }
    return sum;
}

// The part of the span that lies below a value. Where nothing does, because the functions are as good as flat there,
// all values have the same share.
std::int64_t Mixture::inside(int bound) const { return span_ == 0 ? bound : until(first_ + bound * step_) - below_; }

std::uint32_t Mixture::cumulative(std::int64_t sum, int bound) const {
    return static_cast<std::uint32_t>(sum * kRoom / (span_ == 0 ? kLevels : span_) + bound);
}

Interval Mixture::interval(int value) const {
    const std::uint32_t start = cumulative(inside(value), value);
    return {start, cumulative(inside(value + 1), value + 1) - start};
}

int Mixture::find(std::uint32_t slot, Interval& found) const {
    const std::int64_t span = span_ == 0 ? kLevels : span_;
    int value = 0;
    std::int64_t below = 0, above = span;  // sums at the value and at the next
    for (int step = kLevels / 2; step > 0; step /= 2) {
        const int middle = value + step;
        const std::int64_t sum = inside(middle);
        // cum(middle) <= slot, without its division: floor(a / b) <= n where a < (n + 1) b.
        const bool reached = sum * kRoom < (std::int64_t{slot} - middle + 1) * span;
        value = reached ? middle : value;
        below = reached ? sum : below;
        above = reached ? above : sum;
    }
    found.start = cumulative(below, value);
    found.count = cumulative(above, value + 1) - found.start;
    return value;
}

}  // namespace lossless
