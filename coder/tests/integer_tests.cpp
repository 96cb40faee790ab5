// Tests of the kernels of profile 2, meant to be run under AddressSanitizer and UndefinedBehaviorSanitizer as
// exact_tests are. Every instruction set of this machine is compared with plain loops over int64, which divide where
// the kernels shift. Tensors have exactly the size a kernel is promised, so that a read or write beyond one is seen.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "kernels.hpp"
#include "operands.hpp"
#include "pool.hpp"

namespace integer {
extern const Kernels scalar;  // the plain loops that machines other than x86 run; built for these tests alone
}

namespace {

using integer::Kernels;
using integer::Scratch;

constexpr std::int64_t kFeatureMax = 16383;
constexpr std::int64_t kLatentMax = 32767;

std::vector<const Kernels*> instruction_sets() {
    std::vector<const Kernels*> found = integer::available();
    CHECK(found.size() >= 1 && found.back()->name == std::string("portable"));
    found.push_back(&integer::scalar);
    return found;
}

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

std::int64_t weight_max(std::size_t inputs, std::int64_t limit) {
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

// In two parts of random size, each in chunks: the first part alone leaves what the other writes as it was.
template <class Operation>
void compare(Random& random, const Tensor& blank, const Tensor& expected, std::size_t positions,
             const Operation& operation) {
    for (const Kernels* kernels : instruction_sets()) {
        Scratch scratch;
        const std::size_t middle = below(random, positions + 1);
        const auto run = [&](Tensor& out, std::size_t at, std::size_t end, std::size_t most) {
            while (at < end) {
                const std::size_t last = std::min(end, at + 1 + below(random, most));
                operation(*kernels, out, at, last, scratch);
                at = last;
            }
        };
        Tensor before = blank, after = blank;
        run(before, 0, middle, integer::kChunk);
        run(after, middle, positions, integer::kChunk);
        for (std::size_t i = 0; i < blank.values.size(); ++i) {
            const std::int16_t was = blank.values[i], will = expected.values[i];
            // Every value is written by one part at most, and both parts together leave all as expected.
            CHECK(before.values[i] == was || (before.values[i] == will && after.values[i] == was));
            CHECK(after.values[i] == was || after.values[i] == will);
            CHECK(before.values[i] == will || after.values[i] == will);
        }
        Tensor whole = blank;
        run(whole, 0, positions, 1 + below(random, integer::kChunk));
        CHECK(whole.values == expected.values);
    }
}

void test_patches_case(Random& random, std::size_t side, std::size_t height, std::size_t width, std::size_t channels,
                       std::size_t outputs, Draw how) {
    const std::int64_t limit = below(random, 2) ? kFeatureMax : kLatentMax;
    const bool leaky = below(random, 2) == 0;
    const Tensor x(random, height * side, width * side, channels, below(random, 2) * 5, limit, how);
    const Weights weights(random, outputs, side * side * channels, limit, how, leaky);
    const Tensor blank(random, height, width, outputs, below(random, 2) * 3, kFeatureMax, Draw::kWhole);
    Tensor expected = blank;
    for (std::size_t i = 0; i < blank.positions(); ++i) {
        Wide seen;
        for (std::size_t dy = 0; dy < side; ++dy) {
            for (std::size_t dx = 0; dx < side; ++dx) {
                const std::size_t from = (i / width * side + dy) * x.width + i % width * side + dx;
                for (std::size_t c = 0; c < channels; ++c) seen.push_back(x.at(from, c));
            }
        }
        const Wide result = weights(seen);
        for (std::size_t o = 0; o < outputs; ++o) expected.at(i, o) = static_cast<std::int16_t>(result[o]);
    }
    compare(random, blank, expected, blank.positions(),
            [&](const Kernels& k, Tensor& out, std::size_t first, std::size_t last, Scratch& scratch) {
                k.patches(x.in(), side, weights.packed, out.out(), first, last, scratch);
            });
}

void test_patches() {
    Random random(1);
    for (const Draw how : kDraws) {
        for (const std::size_t side : Sizes{1, 2, 3, 4}) {
            for (const std::size_t outputs : Sizes{1, 16, 17, 32, 48, 70}) {
                test_patches_case(random, side, 1 + below(random, 5), 1 + below(random, 9), 1 + below(random, 9),
                                  outputs, how);
            }
        }
        test_patches_case(random, 1, 7, 17, 40, 97, how);
        test_patches_case(random, 1, 1, 1, 1, 1, how);
    }
}

void test_spread_case(Random& random, std::size_t side, std::size_t height, std::size_t width, std::size_t inputs,
                      std::size_t channels, Draw how) {
    // Samples, as the last layer gives them.
    const bool samples = below(random, 2) == 0;
    const Tensor x(random, height, width, inputs, below(random, 2) * 3, kFeatureMax, how);
    const Weights weights(random, side * side * channels, inputs, kFeatureMax, how, false,
                          samples ? std::int16_t{-32768} : std::int16_t{0},
                          samples ? std::int16_t{32767} : std::int16_t{255});
    const Tensor blank(random, height * side, width * side, channels, 0, kFeatureMax, Draw::kWhole);
    Tensor expected = blank;
    for (std::size_t i = 0; i < x.positions(); ++i) {
        Wide seen(inputs);
        for (std::size_t c = 0; c < inputs; ++c) seen[c] = x.at(i, c);
        const Wide result = weights(seen);
        for (std::size_t o = 0; o < result.size(); ++o) {
            const std::size_t tap = o / channels, row = i / width * side + tap / side;
            const std::size_t column = i % width * side + tap % side;
            expected.at(row * width * side + column, o % channels) = static_cast<std::int16_t>(result[o]);
        }
    }
    compare(random, blank, expected, x.positions(),
            [&](const Kernels& k, Tensor& out, std::size_t first, std::size_t last, Scratch& scratch) {
                k.spread(x.in(), side, weights.packed, out.out(), first, last, scratch);
            });
}

void test_spread() {
    Random random(2);
    for (const Draw how : kDraws) {
        for (const std::size_t side : Sizes{1, 2, 4}) {
            for (const std::size_t channels : Sizes{1, 3, 8, 11, 33}) {
                test_spread_case(random, side, 1 + below(random, 5), 1 + below(random, 9), 1 + below(random, 19),
                                 channels, how);
            }
        }
        test_spread_case(random, 2, 7, 9, 12, 6, how);
    }
}

// The rest of a block, of positions whose branch has come to `joined`: both have limits of their own.
void finish_block(const Tensor& x, std::size_t i, const Wide& joined, const Weights& expand, const Weights& reduce,
                  Tensor& expected) {
    const Wide added = reduce(expand(joined));
    for (std::size_t c = 0; c < x.channels; ++c) {
        expected.at(i, c) = static_cast<std::int16_t>(reduce.end.clamped(added[c] + x.at(i, c)));
    }
}

struct BlockSize {
    std::size_t height, width, channels, hidden;
};

BlockSize block_size(Random& random, std::size_t channels) {
    return {1 + below(random, 5), 1 + below(random, 12), channels, 1 + below(random, 80)};
}

void test_partial_block_case(Random& random, const BlockSize& size, std::size_t split, Draw how) {
    const bool wide = below(random, 2) == 0;
    const std::int64_t limit = wide ? kLatentMax : kFeatureMax;
    const auto high = static_cast<std::int16_t>(limit), low = static_cast<std::int16_t>(-limit);
    const std::size_t channels = size.channels;
    const Tensor x(random, size.height, size.width, channels, below(random, 2) * 5, limit, how);
    const Weights conv(random, split, 9 * split, limit, how);
    const Weights expand(random, size.hidden, channels, limit, how, true);
    const Weights reduce(random, channels, size.hidden, kFeatureMax, how, false, low, high);
    const Tensor blank(random, size.height, size.width, channels, below(random, 2) * 3, limit, Draw::kWhole);
    Tensor expected = blank;
    for (std::size_t i = 0; i < x.positions(); ++i) {
        Wide seen;
        for (std::size_t tap = 0; tap < 9; ++tap) {
            for (std::size_t c = 0; c < split; ++c) {
                seen.push_back(x.near(i / x.width + tap / 3, i % x.width + tap % 3, c));
            }
        }
        Wide joined = conv(seen);
        for (std::size_t c = split; c < channels; ++c) joined.push_back(x.at(i, c));
        finish_block(x, i, joined, expand, reduce, expected);
    }
    const integer::PartialBlock block{&conv.packed, &expand.packed, &reduce.packed};
    compare(random, blank, expected, x.positions(),
            [&](const Kernels& k, Tensor& out, std::size_t first, std::size_t last, Scratch& scratch) {
                k.partial_block(x.in(), block, out.out(), first, last, scratch);
            });
}

void test_partial_block() {
    Random random(3);
    for (const Draw how : kDraws) {
        for (const std::size_t channels : Sizes{1, 2, 7, 16, 24, 33, 48}) {
            test_partial_block_case(random, block_size(random, channels), 1 + below(random, channels), how);
        }
        test_partial_block_case(random, block_size(random, 37), 37, how);  // nothing passes the convolution by
        test_partial_block_case(random, {9, 11, 40, 130}, 10, how);
    }
}

void test_depthwise_block_case(Random& random, const BlockSize& size, Draw how) {
    const std::size_t channels = size.channels;
    const Tensor x(random, size.height, size.width, channels, below(random, 2) * 5, kFeatureMax, how);
    const Narrow w = drawn<std::int16_t>(random, 9 * channels, weight_max(9, kFeatureMax), how);
    Wide largest(channels);
    for (std::size_t i = 0; i < w.size(); ++i) largest[i % channels] += kFeatureMax * magnitude(w[i]);
    End end{{}, {}, -kFeatureMax, kFeatureMax, false};
    end.draw_for(random, largest);
    integer::Depthwise conv;
    conv.channels = channels;
    conv.low = end.low;
    conv.high = end.high;
    conv.bias = end.with_halves(channels);
    conv.shift = end.shifts_of(channels);
    conv.weight = w;
    const Weights expand(random, size.hidden, channels, kFeatureMax, how, true);
    const Weights reduce(random, channels, size.hidden, kFeatureMax, how);
    const Tensor blank(random, size.height, size.width, channels, below(random, 2) * 3, kFeatureMax, Draw::kWhole);
    Tensor expected = blank;
    for (std::size_t i = 0; i < x.positions(); ++i) {
        Wide mixed(channels);
        for (std::size_t c = 0; c < channels; ++c) {
            std::int64_t sum = 0;
            for (std::size_t tap = 0; tap < 9; ++tap) {
                sum += x.near(i / x.width + tap / 3, i % x.width + tap % 3, c) * w[tap * channels + c];
            }
            mixed[c] = end(sum, c);
        }
        finish_block(x, i, mixed, expand, reduce, expected);
    }
    const integer::DepthwiseBlock block{&conv, &expand.packed, &reduce.packed};
    compare(random, blank, expected, x.positions(),
            [&](const Kernels& k, Tensor& out, std::size_t first, std::size_t last, Scratch& scratch) {
                k.depthwise_block(x.in(), block, out.out(), first, last, scratch);
            });
}

void test_depthwise_block() {
    Random random(4);
    for (const Draw how : kDraws) {
        for (const std::size_t channels : Sizes{1, 2, 7, 16, 31, 32, 64, 67}) {
            test_depthwise_block_case(random, block_size(random, channels), how);
        }
        test_depthwise_block_case(random, {9, 11, 40, 130}, how);
        test_depthwise_block_case(random, {2, 3, 150, 20}, how);
    }
}

// Chunks of one tensor on several threads, as the module runs them.
void test_kernels_on_threads() {
    Random random(5);
    const Tensor x(random, 17, 29, 22, 0, kFeatureMax, Draw::kWhole);
    const Weights conv(random, 6, 54, kFeatureMax, Draw::kWhole);
    const Weights expand(random, 44, 22, kFeatureMax, Draw::kWhole, true);
    const Weights reduce(random, 22, 44, kFeatureMax, Draw::kWhole);
    const integer::PartialBlock block{&conv.packed, &expand.packed, &reduce.packed};
    Tensor expected = x;
    Scratch alone;
    constexpr std::size_t kPart = 7;
    for (std::size_t at = 0; at < x.positions(); at += kPart) {
        const std::size_t last = std::min(x.positions(), at + kPart);
        integer::scalar.partial_block(x.in(), block, expected.out(), at, last, alone);
    }
    for (const Kernels* kernels : instruction_sets()) {
        for (const int threads : {1, 2, 3}) {
            Tensor out = x;
            exact::parallel((x.positions() + kPart - 1) / kPart, threads, [&](std::size_t task) {
                thread_local Scratch scratch;
                const std::size_t at = task * kPart, last = std::min(x.positions(), at + kPart);
                kernels->partial_block(x.in(), block, out.out(), at, last, scratch);
            });
            CHECK(out.values == expected.values);
        }
    }
}

}  // namespace

int main() {
    test_patches();
    test_spread();
    test_partial_block();
    test_depthwise_block();
    test_kernels_on_threads();
    std::puts("All tests passed.");
    return 0;
}
