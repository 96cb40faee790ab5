#include "mixture.hpp"

#include <algorithm>
#include <stdexcept>

namespace lossless {

namespace {

constexpr int kLogitBits = 10, kUnitBits = 16, kMeanBits = 8, kCoefficientBits = 10, kOctaves = 16;
constexpr std::int64_t kEnd = 3072;  // where the logistic function ends, in its table's steps
constexpr std::int64_t kRoom = (1 << kTotalBits) - kLevels;

std::int32_t rounded(std::int32_t n, int shift) { return (n + ((1 << shift) >> 1)) >> shift; }

bool within(const std::vector<std::int32_t>& table, std::size_t size, std::int32_t low, std::int32_t high) {
    return table.size() == size &&
           std::all_of(table.begin(), table.end(), [=](std::int32_t n) { return low <= n && n <= high; });
}

}  // namespace

void Tables::check() const {
    // The largest component has the first power as its weight, so no sum of weights is 0.
    if (!within(powers, 1 << kLogitBits, 1, 1 << kUnitBits) ||
        !within(inverses, kScaleHigh - kScaleLow + 1, 1, 1 << (kUnitBits + 2)) ||
        !within(logistic, 2 * kEnd + 1, 0, 1 << kUnitBits) || !std::is_sorted(logistic.begin(), logistic.end())) {
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
    whole_ = sum << kUnitBits;
}

void Mixture::colour(std::size_t colour, const std::uint8_t* samples) {
    const std::int32_t* const means = head_ + all_;
    const std::int32_t* const scales = means + kColours * all_;
    const std::int32_t* const coefficients = scales + kColours * all_;
    const auto away = [&](std::size_t c) { return samples[c] * (1 << kMeanBits) - prediction_[c]; };
    const std::int32_t first = colour > 0 ? away(0) : 0, second = colour > 1 ? away(1) : 0;
    for (std::size_t i = 0; i < live_; ++i) {
        const std::size_t at = component_[i] * kColours;
        const std::int32_t* const c = coefficients + at;
        // Below 2^31: differences are below 2^18, coefficients at most 2^11.
        const std::int32_t more = colour == 0 ? 0 : colour == 1 ? c[0] * first : c[1] * first + c[2] * second;
        mean_[i] = prediction_[colour] + means[at + colour] + rounded(more, kCoefficientBits);
        inverse_[i] = tables_->inverses[static_cast<std::size_t>(scales[at + colour] - kScaleLow)];
    }
}

// The sum of the weights times their functions at a bound between 0 and 256, exclusively; below 2^36.
std::int64_t Mixture::inside(int bound) const {
    const std::int64_t x = (std::int64_t{bound} << kMeanBits) - (1 << (kMeanBits - 1));
    const std::int32_t* const logistic = tables_->logistic.data() + kEnd;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < live_; ++i) {
        const std::int64_t steps = ((x - mean_[i]) * inverse_[i]) >> kUnitBits;
        sum += weight_[i] * logistic[std::min(std::max(steps, -kEnd), kEnd)];
    }
    return sum;
}

std::uint32_t Mixture::cumulative(std::int64_t sum, int bound) const {
    if (bound <= 0) return 0;
    if (bound >= kLevels) return 1U << kTotalBits;
    return static_cast<std::uint32_t>(sum * kRoom / whole_ + bound);
}

Interval Mixture::interval(int value) const {
    const std::uint32_t start = cumulative(inside(value), value);
    return {start, cumulative(inside(value + 1), value + 1) - start};
}

int Mixture::find(std::uint32_t slot, Interval& found) const {
    int value = 0;
    std::int64_t below = 0, above = 0;  // sums at the value and at the next
    for (int step = kLevels / 2; step > 0; step /= 2) {
        const int middle = value + step;
        const std::int64_t sum = inside(middle);
        // cum(middle) <= slot, without its division: floor(a / b) <= n where a < (n + 1) b.
        const bool reached = sum * kRoom < (std::int64_t{slot} - middle + 1) * whole_;
        value = reached ? middle : value;
        below = reached ? sum : below;
        above = reached ? above : sum;
    }
    found.start = cumulative(below, value);
    found.count = cumulative(above, value + 1) - found.start;
    return value;
}

}  // namespace lossless
