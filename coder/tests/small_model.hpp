// A model of arithmetic profile 2 in small: weights drawn for sums that fill their 32 bits, a schedule of two scales, and
// transforms. For the tests of tiles and transforms, and for fuzzing them.

#pragma once

#include <memory>
#include <vector>

#include "coding.hpp"
#include "operands.hpp"
#include "transforms.hpp"

namespace integer {
extern const Kernels scalar;  // the plain loops that machines other than x86 run; built for these programs alone
}

namespace small {

constexpr std::int64_t kFeatureMax = 16383, kLatentMax = 32767;
constexpr std::size_t kLatents = 8, kHyper = 3, kWide = 18, kTables = 60, kQualities = 3, kStride = 8;

using integer::Chain;
using integer::Kernels;
using integer::Layer;
using integer::Matrix;

inline std::vector<const Kernels*> instruction_sets() {
    std::vector<const Kernels*> found = integer::available();
    found.push_back(&integer::scalar);
    return found;
}

// Bias (with its half) and shift for sums up to `largest`, as whoever makes a matrix has to check.
inline void finish(Random& random, const Wide& largest, std::vector<std::int32_t>& bias, std::vector<std::int32_t>& shift) {
    for (std::size_t o = 0; o < largest.size(); ++o) {
        shift[o] = static_cast<std::int32_t>(8 + below(random, 12));
        const std::int64_t half = power(shift[o] - 1), room = power(31) - 1 - half - largest[o];
        CHECK(room >= 0);
        bias[o] = static_cast<std::int32_t>(draw(random, below(random, 4) ? room / 64 : room, Draw::kWhole) + half);
    }
}

inline std::int64_t weight_max(std::size_t inputs, std::int64_t limit) {
    return std::min<std::int64_t>(kLatentMax, (power(31) - power(30) / 2) / limit / static_cast<std::int64_t>(inputs));
}

inline std::shared_ptr<const Matrix> matrix(Random& random, std::size_t outputs, std::size_t inputs,
                                            std::int64_t limit = kFeatureMax, bool leaky = false,
                                            std::int64_t low = -kFeatureMax, std::int64_t high = kFeatureMax) {
    const auto made = std::make_shared<Matrix>();
    Matrix& m = *made;
    m.outputs = outputs;
    m.inputs = inputs;
    m.leaky = leaky;
    m.low = static_cast<std::int16_t>(low);
    m.high = static_cast<std::int16_t>(high);
    const Narrow w = drawn<std::int16_t>(random, outputs * inputs, weight_max(inputs, limit), Draw::kWhole);
    Wide largest(outputs);
    for (std::size_t i = 0; i < w.size(); ++i) largest[i / inputs] += limit * magnitude(w[i]);
    m.bias.assign(m.padded(), 0);
    m.shift.assign(m.padded(), 0);
    finish(random, largest, m.bias, m.shift);
    integer::pack(w.data(), m);
    return made;
}

inline std::shared_ptr<const integer::Depthwise> depthwise(Random& random, std::size_t channels) {
    const auto made = std::make_shared<integer::Depthwise>();
    integer::Depthwise& d = *made;
    d.channels = channels;
    d.low = -kFeatureMax;
    d.high = kFeatureMax;
    d.weight = drawn<std::int16_t>(random, 9 * channels, weight_max(9, kFeatureMax), Draw::kWhole);
    Wide largest(channels);
    for (std::size_t i = 0; i < d.weight.size(); ++i) largest[i % channels] += kFeatureMax * magnitude(d.weight[i]);
    d.bias.assign(channels, 0);
    d.shift.assign(channels, 0);
    finish(random, largest, d.bias, d.shift);
    return made;
}

inline std::shared_ptr<const integer::Scale> scale(Random& random, std::size_t channels) {
    const auto made = std::make_shared<integer::Scale>();
    made->factor = drawn<std::int16_t>(random, channels, 32767, Draw::kWhole);
    made->low = -kFeatureMax;
    made->high = kFeatureMax;
    for (std::size_t c = 0; c < channels; ++c) {
        made->shift.push_back(static_cast<std::int32_t>(below(random, 31)));
        made->bias.push_back(made->shift[c] > 0 ? static_cast<std::int32_t>(power(made->shift[c] - 1)) : 0);
    }
    return made;
}

inline Layer down(std::size_t side, std::shared_ptr<const Matrix> m) { return {Layer::Kind::kDown, side, std::move(m), {}, {}}; }
inline Layer up(std::size_t side, std::shared_ptr<const Matrix> m) { return {Layer::Kind::kUp, side, std::move(m), {}, {}}; }
inline Layer block(Random& random, std::size_t channels, std::size_t split, std::size_t hidden,
                   std::int64_t limit = kFeatureMax) {
    return {Layer::Kind::kBlock, 1, matrix(random, split, 9 * split, limit),
            matrix(random, hidden, channels, limit, true), matrix(random, channels, hidden, kFeatureMax, false, -limit, limit)};
}

inline std::shared_ptr<const rans::Tables> make_tables() {
    std::vector<std::int64_t> cdf, lengths(kTables), offsets(kTables);
    for (std::size_t t = 0; t < kTables; ++t) {
        const auto wide = static_cast<std::int64_t>(1 + t * t / 60);
        std::vector<std::int64_t> row{0};
        const std::int64_t step = (65536 - 4 * wide - 2) / (2 * wide * wide + 2);
        for (std::int64_t v = -wide; v <= wide; ++v) row.push_back(row.back() + 1 + (wide - magnitude(v)) * step);
        row.push_back(65536);
        lengths[t] = static_cast<std::int64_t>(row.size());
        offsets[t] = -wide;
        row.resize(128, 65536);
        cdf.insert(cdf.end(), row.begin(), row.end());
    }
    return std::make_shared<rans::Tables>(cdf.data(), kTables, 128, lengths.data(), offsets.data());
}

// Each part at one position of a 2x2 cell, or at the two of a diagonal.
inline integer::Sampling quarters(std::initializer_list<std::size_t> places, std::size_t parts = 4) {
    integer::Sampling made{parts, 2, {}};
    for (const std::size_t place : places) made.slots.push_back({made.slots.size(), place / 2, place % 2});
    return made;
}
inline integer::Sampling halves(std::size_t first) {
    integer::Sampling made{2, 2, {}};
    for (std::size_t part = 0; part < 2; ++part) {
        for (std::size_t row = 0; row < 2; ++row) made.slots.push_back({part, row, (row + part + first) % 2});
    }
    return made;
}

struct Model {
    Random random{20};
    Chain g_a{{down(4, matrix(random, 6, 48, 32768)), block(random, 6, 2, 20), block(random, 6, 1, 7),
               down(2, matrix(random, kLatents, 24))}};
    Chain g_s{{up(2, matrix(random, 36, kLatents)), block(random, 9, 4, 20), block(random, 9, 2, 34),
               up(4, matrix(random, 48, 9, kFeatureMax, false, 0, 255))}};
    Chain h_a{{block(random, kLatents, 2, 9, kLatentMax), down(2, matrix(random, 5, 4 * kLatents, kLatentMax)),
               down(2, matrix(random, kHyper, 20))}};
    std::shared_ptr<const integer::Entropy> entropy = make_entropy();
    std::shared_ptr<const rans::Tables> tables = make_tables();
    Narrow factor = drawn<std::int16_t>(random, kQualities * kLatents, 32767, Draw::kWhole);
    std::vector<std::uint8_t> shift = drawn<std::uint8_t>(random, kQualities * kLatents, 0, Draw::kWhole);

    Model() {
        for (std::uint8_t& s : shift) s = static_cast<std::uint8_t>(below(random, 31));
    }

private:
    std::shared_ptr<const integer::Entropy> make_entropy() {
        const auto made = std::make_shared<integer::Entropy>();
        integer::Entropy& e = *made;
        e.channels = kLatents;
        e.h_s = std::make_shared<Chain>(std::vector<Layer>{up(2, matrix(random, 20, kHyper, kLatentMax)), block(random, 5, 2, 9),
                                                           up(2, matrix(random, 8 * kLatents, 5))});
        for (std::size_t c = 0; c < kHyper; ++c) {
            e.z_means.push_back(static_cast<std::int32_t>(draw(random, power(23), Draw::kWhole)));
            e.z_tables.push_back(static_cast<std::uint8_t>(below(random, kTables)));
        }
        for (std::size_t c = 0; c < kLatents; ++c) {
            e.scale_left.push_back(static_cast<std::uint8_t>(below(random, 5)));
            e.mean_left.push_back(static_cast<std::uint8_t>(below(random, 14)));
        }
        for (std::size_t i = 0; i <= integer::kScaleMax; ++i) e.table_of.push_back(static_cast<std::uint8_t>(i * kTables >> 15));
        e.descents = {quarters({0, 1, 2, 3}), quarters({0, 1, 2, 3}), quarters({0, 3, 1, 2, 0, 3, 1, 2}, 8)};
        e.context_nets = {matrix(random, 2 * kLatents, 2 * kLatents)};
        const auto context_block = [this] {
            return integer::ContextBlock{depthwise(random, kWide), matrix(random, 34, kWide, kFeatureMax, true),
                                         matrix(random, kWide, 34)};
        };
        for (int net = 0; net < 2; ++net) {
            e.nets.push_back({{context_block()}, {context_block()}, matrix(random, 2 * kLatents, kWide)});
        }
        const auto add = [&](std::size_t at, bool opens, std::size_t stream, integer::Sampling sampling) {
            integer::Step step{at, opens, stream, at - 2, std::move(sampling), {}, {}, 0, {}, {}};
            if (!e.steps.empty()) {
                step.adaptor = matrix(random, kWide, 3 * kLatents, kLatentMax);
                step.embedding = scale(random, kWide);
            }
            e.steps.push_back(std::move(step));
        };
        add(2, true, 1, halves(0));
        add(2, false, 1, halves(1));
        add(3, true, 2, quarters({3, 2, 1, 0}));
        add(3, false, 2, quarters({1, 0, 3, 2}));
        add(3, false, 2, quarters({2, 3, 0, 1}));
        e.prepare();
        return made;
    }
};

}  // namespace small
