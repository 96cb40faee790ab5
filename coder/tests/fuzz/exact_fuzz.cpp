// The layers of arithmetic profile 1 in a row, from any activations: depthwise and 1x1 convolutions, attention, the
// joining of parts, each followed by the block shift that brings its sums back to 16 bits. Every instruction set has to
// give the same sums and the same peaks.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "../exact_common.hpp"
#include "fuzz.hpp"

namespace {

constexpr std::size_t kWindow = 2, kHeads = 2, kMostChannels = 36;
constexpr std::int64_t kLeftMax = 8;

struct Weights {
    Random random{20};
    Narrow depthwise = drawn<std::int16_t>(random, 9 * kMostChannels, kWeightMax, Draw::kWhole);
    Narrow matrix = drawn<std::int16_t>(random, kMostChannels * kMostChannels, kWeightMax, Draw::kWhole);
    Wide left = shifts(random, kMostChannels, kLeftMax);
    Wide bias = drawn<std::int64_t>(random, kMostChannels, power(40), Draw::kWhole);
    Wide factors = drawn<std::int64_t>(random, kMostChannels, kWeightMax, Draw::kWhole);
    Wide powers;

    Weights() {
        for (int i = 0; i < 1 << exact::kPowerBits; ++i) powers.push_back(std::llround(std::exp2(16 - i / 1024.0)));
    }
};

struct Shape {
    std::size_t height, width, channels;
    std::size_t positions() const { return height * width; }
    std::size_t size() const { return positions() * channels; }
};

// All sums of a run, and their peaks, in order.
struct Trace {
    std::vector<Wide> sums;
    Wide peaks;
    bool operator==(const Trace& other) const { return sums == other.sums && peaks == other.peaks; }
};

class Chain {
public:
    Chain(const Weights& weights, const Kernels& kernels, const Shape& shape, std::size_t cut)
        : w_(weights), k_(kernels), shape_(shape), cut_(cut) {}

    Trace run(const Narrow& x, bool leaky, int plus_shift, int attention_shift) {
        const Narrow mixed = brought_back(depthwise(x));
        const Narrow product = brought_back(linear(mixed, x, leaky, plus_shift));
        const Narrow scaled = brought_back(scale(product));
        brought_back(place(scaled, product));
        attend(product, scaled, x, attention_shift);
        return trace_;
    }

private:
    Wide depthwise(const Narrow& x) {
        exact::Depthwise job;
        job.x = x.data();
        job.weight = w_.depthwise.data();
        job.left = w_.left.data();
        job.bias = w_.bias.data();
        job.height = shape_.height;
        job.width = shape_.width;
        job.channels = shape_.channels;
        Wide out(shape_.size(), kUntouched);
        job.out = out.data();
        const std::size_t middle = cut_ % (shape_.height + 1);
        return done(out, std::max(k_.depthwise(job, 0, middle), k_.depthwise(job, middle, shape_.height)));
    }

    Wide linear(const Narrow& x, const Narrow& plus, bool leaky, int plus_shift) {
        Narrow weight(shape_.channels * shape_.channels), packed(exact::packed_size(shape_.channels, shape_.channels));
        std::copy_n(w_.matrix.begin(), weight.size(), weight.begin());
        exact::pack(weight.data(), shape_.channels, shape_.channels, packed.data());
        exact::Linear job;
        job.x = x.data();
        job.weight = packed.data();
        job.left = w_.left.data();
        job.bias = w_.bias.data();
        job.positions = shape_.positions();
        job.inputs = job.outputs = shape_.channels;
        job.leaky = leaky;
        if (!leaky) job.plus = {plus.data(), nullptr, plus_shift, 0};
        Wide out(shape_.size(), kUntouched);
        job.out = out.data();
        const std::size_t middle = cut_ % (job.positions + 1);
        std::int64_t peak = 0;
        for (std::size_t panel = 0; panel < job.panels(); ++panel) {
            peak = std::max({peak, k_.linear(job, 0, middle, panel), k_.linear(job, middle, job.positions, panel)});
        }
        return done(out, peak);
    }

    Wide scale(const Narrow& x) {
        Wide out(shape_.size(), kUntouched);
        return done(out, k_.scale(x.data(), w_.factors.data(), shape_.channels, out.data(), 0, shape_.positions()));
    }

    // Beside one another, the one moved to the left and the other to the right.
    Wide place(const Narrow& a, const Narrow& b) {
        Wide out(2 * shape_.size(), kUntouched);
        std::int64_t peak = 0;
        for (std::size_t p = 0; p < shape_.positions(); ++p) {
            const std::size_t from = p * shape_.channels;
            peak = std::max(peak, k_.place_narrow(&a[from], 20, &out[2 * from], shape_.channels));
            peak = std::max(peak, k_.place_narrow(&b[from], -3, &out[2 * from + shape_.channels], shape_.channels));
        }
        return done(out, peak);
    }

    void attend(const Narrow& q, const Narrow& k, const Narrow& v, int shift) {
        exact::Attention job;
        job.q = q.data();
        job.k = k.data();
        job.v = v.data();
        job.powers = w_.powers.data();
        job.height = shape_.height;
        job.width = shape_.width;
        job.channels = shape_.channels;
        job.heads = kHeads;
        job.window = kWindow;
        job.factor = static_cast<std::int64_t>(
            16384 * 1.4426950408889634 / std::sqrt(static_cast<double>(shape_.channels) / kHeads));
        job.shift = shift;
        Wide out(shape_.size(), kUntouched);
        job.out = out.data();
        for (std::size_t task = 0; task < job.tasks(); ++task) k_.attend(job, task);
        for (const std::int64_t sum : out) CHECK(magnitude(sum) <= 16 * std::int64_t{exact::kActivationMax});
        trace_.sums.push_back(out);
    }

    Wide done(const Wide& sums, std::int64_t peak) {
        CHECK(peak == peak_of(sums));
        trace_.sums.push_back(sums);
        trace_.peaks.push_back(peak);
        return sums;
    }

    // With the least shift that brings the peak within the activations' range.
    Narrow brought_back(const Wide& sums) {
        int shift = 0;
        while (rounded(peak_of(sums), shift) > exact::kActivationMax) ++shift;
        Narrow out(sums.size());
        k_.round(sums.data(), shift, out.data(), sums.size());
        for (const std::int16_t n : out) CHECK(magnitude(n) <= exact::kActivationMax);
        return out;
    }

    const Weights& w_;
    const Kernels& k_;
    const Shape shape_;
    std::size_t cut_;
    Trace trace_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Weights weights;
    static const std::vector<const Kernels*> sets = instruction_sets();

    Bytes bytes(data, size);
    const std::uint8_t mode = bytes.byte();
    const Shape shape{kWindow * (1 + bytes.below(2)), kWindow * (1 + bytes.below(2)),
                      2 * kHeads * (1 + bytes.below(kMostChannels / (2 * kHeads)))};
    const std::size_t cut = bytes.byte();
    const int plus_shift = static_cast<int>(bytes.below(37 + 62)) - 62;
    // To the left only where no key or query is large: scores of 30 bits would leave 64.
    const int attention_shift = static_cast<int>(bytes.below(63));
    Narrow x(shape.size());
    constexpr std::int64_t kMost = exact::kActivationMax;
    const bool ends = (mode & 2) != 0;
    for (std::int16_t& n : x) {
        const auto word = static_cast<std::int16_t>(bytes.word());
        n = static_cast<std::int16_t>(ends ? (word & 1 ? kMost : -kMost) : std::clamp<std::int64_t>(word, -kMost, kMost));
    }
    const Trace first = Chain(weights, *sets.front(), shape, cut).run(x, mode & 1, plus_shift, attention_shift);
    for (std::size_t i = 1; i < sets.size(); ++i) {
        CHECK(Chain(weights, *sets[i], shape, cut + i).run(x, mode & 1, plus_shift, attention_shift) == first);
    }
    return 0;
}
