#include "walk.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace lossless {

namespace {

constexpr std::size_t kRing = 10;
constexpr std::size_t kAbove = 3, kBelow = 1;  // rows around a tile that taps reach, always zero

template <std::size_t N>
std::array<Tap, N> taps(const std::array<int, 5>& known) {
    std::array<Tap, N> all{};
    std::size_t i = 0;
    for (int row = 0; row < 5; ++row) {
        for (int column = 0; column < known[static_cast<std::size_t>(row)]; ++column) all[i++] = {row - 3, column - 3};
    }
    return all;
}

}  // namespace

const std::array<Tap, kBefore>& taps_before() {
    static const std::array<Tap, kBefore> all = taps<kBefore>({7, 7, 5, 3, 1});
    return all;
}

const std::array<Tap, kAlong>& taps_along() {
    static const std::array<Tap, kAlong> all = taps<kAlong>({7, 7, 6, 4, 2});
    return all;
}

Halves make_halves(const std::int16_t* weight, std::size_t outputs, std::size_t inputs, const std::int32_t* bias,
                   const std::uint8_t* shift, std::int32_t bound) {
    const std::vector<std::int32_t> no_bias(outputs);
    const std::vector<std::uint8_t> no_shift(outputs);
    constexpr std::int16_t kAny = std::numeric_limits<std::int16_t>::max();  // nothing is clamped before the end
    Halves made;
    made.bound = bound;
    made.sums =
        integer::make_matrix(weight, outputs, inputs, {no_bias.data(), no_shift.data(), -kAny, kAny, false, kLowerMax});
    for (std::size_t o = 0; o < outputs; ++o) {
        made.shift.push_back(shift[o] + kLevelBits);
        const std::int64_t half = std::int64_t{1} << (made.shift.back() - 1);
        made.bias.push_back(std::int64_t{bias[o]} * (1 << kLevelBits) + half);
    }
    return made;
}

Walk::Ring::Ring(std::size_t rows, std::size_t values)
    : rows_(kAbove + rows + kBelow), values_(values), all_(kRing * rows_ * values) {}

std::int16_t* Walk::Ring::group(std::size_t group, int further) {
    const std::size_t slot = (group + kRing + static_cast<std::size_t>(further)) % kRing;
    return all_.data() + (slot * rows_ + kAbove) * values_;
}

void Walk::Ring::clear(std::size_t at, std::size_t first, std::size_t last) {
    std::fill(group(at) + first * values_, group(at) + last * values_, std::int16_t{0});
}

Walk::Walk(const Model& model, const integer::Kernels& kernels, std::size_t height, std::size_t width, bool deep)
    : model_(model),
      kernels_(kernels),
      height_(height),
      width_(width),
      deep_(deep),
      stride_(model.embed.padded()),
      planes_(height, kPlanes),
      lower_(deep ? height : 0, kPlanes),
      rings_(model.blocks.size(), Ring(height, stride_)) {
    const std::size_t most = std::min(height, (width + 1) / 2);
    std::size_t widest = model.hidden.padded();
    for (const Block& block : model.blocks) widest = std::max(widest, block.expand.padded());
    seen_.resize(most * kPlanes * kBefore);
    if (deep_) {
        seen_lower_.resize(seen_.size());
        for (std::vector<std::int32_t>* each : {&sums_, &sums_lower_}) each->resize(most * stride_);
    }
    for (std::vector<std::int16_t>* each : {&h_, &m_, &u_}) each->resize(most * stride_);
    hidden_.resize(most * widest);
    prediction_.resize(most * model.predict.padded());
    head_.resize(most * model.head.padded());
    const auto limit = [&](std::size_t count, std::int32_t low, std::int32_t high) {
        low_.insert(low_.end(), count * model.components, low);
        high_.insert(high_.end(), count * model.components, high);
    };
    limit(1, -kLogitMax, kLogitMax);
    limit(kColours, -kMeanMax, kMeanMax);
    limit(kColours, deep_ ? kScaleDeepLow : kScaleLow, kScaleHigh);
    limit(kColours, -kCoefficientMax, kCoefficientMax);
}

void Walk::next() {
    if (begun_) ++group_;
    begun_ = true;
    first_ = first_row(group_);
    const std::size_t last = std::min(height_, group_ / 2 + 1);
    count_ = last > first_ ? last - first_ : 0;
    forget();
    if (count_ == 0) return;  // in a tile of one column
    gather(planes_, seen_);
    if (deep_) {
        gather(lower_, seen_lower_);
        halves(model_.deep_embed, h_.data(), stride_);
    } else {
        product(model_.embed, seen_, kPlanes * kBefore, h_.data());
    }
    for (std::size_t block = 0; block < model_.blocks.size(); ++block) compute(block);
    said();
}

// What lay here ten groups before, where this group has no pixels.
void Walk::forget() {
    if (group_ < kRing) return;
    const std::size_t was = first_row(group_ - kRing), last = std::min(height_, (group_ - kRing) / 2 + 1);
    const std::size_t end = std::min(first_, last);
    if (was >= end) return;
    planes_.clear(group_, was, end);
    if (deep_) lower_.clear(group_, was, end);
    for (Ring& ring : rings_) ring.clear(group_, was, end);
}

void Walk::gather(Ring& planes, std::vector<std::int16_t>& seen) {
    std::int16_t* to = seen.data();
    for (const Tap& tap : taps_before()) {
        const std::int16_t* from = planes.group(group_, tap.group());
        from += (static_cast<std::ptrdiff_t>(first_) + tap.row) * static_cast<std::ptrdiff_t>(kPlanes);
        for (std::size_t i = 0; i < count_; ++i) {
            std::memcpy(to + i * kPlanes * kBefore, from + i * kPlanes, kPlanes * sizeof(std::int16_t));
        }
        to += kPlanes;
    }
}

void Walk::product(const integer::Matrix& matrix, const std::vector<std::int16_t>& x, std::size_t stride,
                   std::int16_t* out) const {
    integer::Product job;
    job.x = x.data();
    job.x_stride = stride;
    job.out = out;
    job.out_stride = matrix.padded();
    job.whole_panels = true;
    kernels_.product(matrix, job, count_);
}

// To the features.
void Walk::add(const integer::Matrix& matrix, const std::vector<std::int16_t>& x, std::size_t stride) {
    integer::Product job;
    job.x = x.data();
    job.x_stride = stride;
    job.out = h_.data();
    job.out_stride = stride_;
    job.addend = h_.data();
    job.addend_stride = stride_;
    kernels_.product(matrix, job, count_);
}

void Walk::compute(std::size_t number) {
    const Block& block = model_.blocks[number];
    Ring& ring = rings_[number];
    product(block.conv_a, h_, stride_, ring.group(group_) + first_ * stride_);
    const std::int16_t* taps[kAlong];
    for (std::size_t t = 0; t < kAlong; ++t) {
        const Tap& tap = taps_along()[t];
        taps[t] = ring.group(group_, tap.group()) +
                  (static_cast<std::ptrdiff_t>(first_) + tap.row) * static_cast<std::ptrdiff_t>(stride_);
    }
    kernels_.mixed(block.context, taps, stride_, m_.data(), stride_, count_);
    product(block.conv_v, h_, stride_, u_.data());
    kernels_.gated(block.gate, m_.data(), u_.data(), m_.data(), count_ * stride_);
    add(block.conv_out, m_, stride_);
    product(block.expand, h_, stride_, hidden_.data());
    add(block.reduce, hidden_, block.expand.padded());
}

// Not clamped, in rows of whole panels.
void Walk::sums(const integer::Matrix& matrix, const std::vector<std::int16_t>& x, std::size_t stride,
                std::vector<std::int32_t>& out) const {
    integer::Product job;
    job.x = x.data();
    job.x_stride = stride;
    job.wide = out.data();
    job.out_stride = matrix.padded();
    kernels_.product(matrix, job, count_);
}

// Of samples of 16 bits, clamped.
template <class T>
void Walk::halves(const Halves& matrix, T* out, std::size_t stride) {
    sums(matrix.sums, seen_, kPlanes * kBefore, sums_);
    sums(matrix.sums, seen_lower_, kPlanes * kBefore, sums_lower_);
    const std::size_t row = matrix.sums.padded();
    const std::int64_t bound = matrix.bound;
    for (std::size_t i = 0; i < count_; ++i) {
        for (std::size_t o = 0; o < matrix.sums.outputs; ++o) {
            const std::int64_t upper = sums_[i * row + o], lower = sums_lower_[i * row + o];
            const std::int64_t n = (matrix.bias[o] + upper * (1 << kLevelBits) + lower) >> matrix.shift[o];
            out[i * stride + o] = static_cast<T>(std::min(std::max(n, -bound), bound));
        }
    }
}

// Prediction and head.
void Walk::said() {
    if (deep_) {
        halves(model_.deep_predict, prediction_.data(), model_.predict.padded());
    } else {
        sums(model_.predict, seen_, kPlanes * kBefore, prediction_);
    }
    product(model_.hidden, h_, stride_, hidden_.data());
    sums(model_.head, hidden_, model_.hidden.padded(), head_);
    const std::size_t numbers = low_.size();
    for (std::size_t i = 0; i < count_; ++i) {
        std::int32_t* const p = prediction_.data() + i * model_.predict.padded();
        for (std::size_t c = 0; c < kColours; ++c) p[c] = std::min(std::max(p[c], -kPredictionMax), kPredictionMax);
        std::int32_t* const n = head_.data() + i * model_.head.padded();
        for (std::size_t j = 0; j < numbers; ++j) n[j] = std::min(std::max(n[j], low_[j]), high_[j]);
    }
}

void Walk::know(std::size_t pixel, const std::int32_t* samples) {
    std::int16_t* const at = planes_.group(group_) + row(pixel) * kPlanes;
    for (std::size_t c = 0; c < kColours; ++c) at[c] = static_cast<std::int16_t>((samples[c] >> kLevelBits) - 128);
    at[kColours] = kInside;
    if (!deep_) return;
    std::int16_t* const lower = lower_.group(group_) + row(pixel) * kPlanes;
    for (std::size_t c = 0; c < kColours; ++c) lower[c] = static_cast<std::int16_t>(samples[c] & kLowerMax);
}

}  // namespace lossless
