// Tensors and layers of the tests of profile 2's kernels, with the plain loops over int64 that these are compared with.

#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels.hpp"
#include "operands.hpp"

constexpr std::int64_t kFeatureMax = 16383;
constexpr std::int64_t kLatentMax = 32767;

// Positions at a stride that may leave gaps, which nobody may write; the last has no gap after it.
struct Tensor {
    std::size_t height, width, channels, stride;
    Narrow values;

    Tensor(Random& random, std::size_t h, std::size_t w, std::size_t c, std::size_t gap, std::int64_t most, Draw how)
        : height(h), width(w), channels(c), stride(c + gap) {
        values = drawn<std::int16_t>(random, (h * w - 1) * stride + c, most, how);
    }
    std::size_t positions() const { return height * width; }
    std::int16_t& at(std::size_t position, std::size_t c) { return values[position * stride + c]; }
    std::int64_t at(std::size_t position, std::size_t c) const { return values[position * stride + c]; }
    // With zeros outside; counts from one row and one column before the first.
    std::int64_t near(std::size_t y, std::size_t x, std::size_t c) const {
        return y < 1 || y > height || x < 1 || x > width ? 0 : at((y - 1) * width + x - 1, c);
    }
    integer::In in() const { return {values.data(), height, width, channels, stride}; }
    integer::Out out() { return {values.data(), height, width, channels, stride}; }
};

// What ends a sum: shift, bias, limits.
struct End {
    Wide bias;
    std::vector<int> shift;
    std::int16_t low, high;
    bool leaky;

    // Biases that take the largest sums to the ends of 32 bits, as far as the half that rounds allows.
    void draw_for(Random& random, const Wide& largest) {
        for (const std::int64_t sum : largest) {
            const int s = static_cast<int>(below(random, 2) ? below(random, 31) : 10 + below(random, 8));
            const std::int64_t room = power(31) - 1 - (s > 0 ? power(s - 1) : 0) - sum;
            CHECK(room >= 0);
            bias.push_back(below(random, 2) ? (below(random, 2) ? room : -room) : draw(random, room, Draw::kWhole));
            shift.push_back(s);
        }
    }
    std::int64_t clamped(std::int64_t n) const { return std::min<std::int64_t>(std::max<std::int64_t>(n, low), high); }
    std::int64_t operator()(std::int64_t sum, std::size_t o) const {
        const std::int64_t n = clamped(rounded(sum + bias[o], shift[o]));
        return leaky && n < 0 ? divided(n * 328 + power(14), power(15)) : n;
    }
    std::vector<std::int32_t> with_halves(std::size_t room) const {
        std::vector<std::int32_t> all(room);
        for (std::size_t o = 0; o < bias.size(); ++o) {
            all[o] = static_cast<std::int32_t>(bias[o] + (shift[o] > 0 ? power(shift[o] - 1) : 0));
        }
        return all;
    }
    std::vector<std::int32_t> shifts_of(std::size_t room) const {
        std::vector<std::int32_t> all(shift.begin(), shift.end());
        all.resize(room);
        return all;
    }
};

inline std::int64_t weight_max(std::size_t inputs, std::int64_t limit) {
    return std::min<std::int64_t>(kLatentMax, (power(31) - power(30) / 2) / limit / static_cast<std::int64_t>(inputs));
}

// Outputs x inputs, for values up to `limit`.
struct Weights {
    std::size_t outputs, inputs;
    Narrow w;
    End end;
    integer::Matrix packed;

    Weights(Random& random, std::size_t o, std::size_t k, std::int64_t limit, Draw how, bool leaky = false,
            std::int16_t low = -kFeatureMax, std::int16_t high = kFeatureMax)
        : outputs(o), inputs(k), end{{}, {}, low, high, leaky} {
        w = drawn<std::int16_t>(random, o * k, weight_max(k, limit), how);
        Wide largest(o);
        for (std::size_t i = 0; i < w.size(); ++i) largest[i / k] += limit * magnitude(w[i]);
        end.draw_for(random, largest);
        packed.inputs = k;
        packed.outputs = o;
        packed.low = low;
        packed.high = high;
        packed.leaky = leaky;
        packed.bias = end.with_halves(packed.padded());
        packed.shift = end.shifts_of(packed.padded());
        integer::pack(w.data(), packed);
    }
    Wide operator()(const Wide& x) const {
        CHECK(x.size() == inputs);
        Wide results(outputs);
        for (std::size_t o = 0; o < outputs; ++o) {
            std::int64_t sum = 0;
            for (std::size_t k = 0; k < inputs; ++k) sum += x[k] * w[o * inputs + k];
            results[o] = end(sum, o);
        }
        return results;
    }
};
