// Models of profile 3 with any numbers, whose values meet their bounds.

#pragma once

#include <cmath>

#include "kernels.hpp"
#include "model.hpp"
#include "operands.hpp"

constexpr int kMost = 32767;

// What ends sums of outputs, for inputs up to a limit and weights that were drawn: room for the largest sums.
struct Ends {
    std::vector<std::int32_t> bias;
    std::vector<std::uint8_t> shift;

    Ends(Random& random, const Wide& magnitudes, std::int64_t limit, std::size_t shift_most) {
        for (const std::int64_t sum : magnitudes) {
            const std::int64_t s = static_cast<std::int64_t>(below(random, shift_most + 1));
            const std::int64_t room = power(31) - 1 - (s > 0 ? power(s - 1) : 0) - sum * limit;
            CHECK(room >= 0);
            bias.push_back(
                static_cast<std::int32_t>(draw(random, room, below(random, 2) ? Draw::kEnds : Draw::kWhole)));
            shift.push_back(static_cast<std::uint8_t>(s));
        }
    }
    integer::Ending ending(int limit, int bound, bool leaky) const {
        return {bias.data(), shift.data(), static_cast<std::int16_t>(-bound), static_cast<std::int16_t>(bound),
                leaky,       limit};
    }
};

inline Narrow weights(Random& random, std::size_t outputs, std::size_t inputs, std::int64_t limit, Wide& magnitudes) {
    const std::int64_t most =
        std::min<std::int64_t>(kMost, (power(31) - power(30)) / limit / static_cast<std::int64_t>(inputs));
    const Narrow w = drawn<std::int16_t>(random, outputs * inputs, most, kDraws[below(random, 5)]);
    magnitudes.assign(outputs, 0);
    for (std::size_t i = 0; i < w.size(); ++i) magnitudes[i / inputs] += magnitude(w[i]);
    return w;
}

// halves: the same for samples of 16 bits, if wanted.
inline integer::Matrix matrix(Random& random, std::size_t outputs, std::size_t inputs, int limit, bool leaky = false,
                              std::size_t shift_most = 25, lossless::Halves* halves = nullptr) {
    Wide magnitudes;
    const Narrow w = weights(random, outputs, inputs, limit, magnitudes);
    const Ends ends(random, magnitudes, limit, shift_most);
    if (halves != nullptr) {
        *halves = lossless::make_halves(w.data(), outputs, inputs, ends.bias.data(), ends.shift.data(), kMost);
    }
    return integer::make_matrix(w.data(), outputs, inputs, ends.ending(limit, kMost, leaky));
}

inline lossless::Model model(Random& random, std::size_t channels, std::size_t blocks, std::size_t between,
                             std::size_t components) {
    lossless::Model m;
    m.channels = channels;
    m.components = components;
    m.order = {2, 0, 1};
    constexpr std::size_t kNear = lossless::kPlanes * lossless::kBefore;
    m.predict = matrix(random, lossless::kColours, kNear, lossless::kPlaneMax, false, 15, &m.deep_predict);
    m.deep_predict.bound = lossless::kPredictionMax;
    m.embed = matrix(random, channels, kNear, lossless::kPlaneMax, false, 20, &m.deep_embed);
    for (std::size_t i = 0; i < blocks; ++i) {
        const auto square = [&] { return matrix(random, channels, channels, kMost); };
        Wide magnitudes(channels);
        const Narrow w = drawn<std::int16_t>(random, lossless::kAlong * channels, 1000, Draw::kWhole);
        for (std::size_t j = 0; j < w.size(); ++j) magnitudes[j % channels] += magnitude(w[j]);
        const Ends ends(random, magnitudes, kMost, 20);
        m.blocks.push_back(
            {square(),
             square(),
             square(),
             matrix(random, between, channels, kMost, true),
             matrix(random, channels, between, kMost),
             integer::make_depthwise(w.data(), lossless::kAlong, channels, ends.ending(kMost, kMost, false)),
             {5000, 13, kMost, 13, kMost}});
    }
    m.hidden = matrix(random, between, channels, kMost, true);
    m.head = matrix(random, lossless::kNumbers * components, between, kMost);
    for (int i = 0; i < 1024; ++i)
        m.tables.powers.push_back(static_cast<std::int32_t>(std::lround(std::exp2(16 - i / 1024.0))));
    for (int i = -320; i <= 448; ++i)
        m.tables.inverses.push_back(static_cast<std::int32_t>(std::lround(std::exp2(16 - i / 64.0))));
    for (int i = -3072; i <= 3072; ++i) {
        m.tables.logistic.push_back(static_cast<std::int32_t>(std::lround(65536 / (1 + std::exp(-i / 256.0)))));
        m.tables.fine.push_back(static_cast<std::int32_t>(std::lround(16777216 / (1 + std::exp(-i / 256.0)))));
    }
    m.tables.check();
    return m;
}

constexpr lossless::Kind kKinds[] = {{3, false}, {1, false}, {3, true}, {1, true}};

inline std::vector<std::uint8_t> noise(Random& random, std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(below(random, 256));
    return bytes;
}
