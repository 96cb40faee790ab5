// Tests of the kernels of profile 2, meant to be run under AddressSanitizer and UndefinedBehaviorSanitizer as
// exact_tests are. Every instruction set of this machine is compared with plain loops over int64, which divide where
// the kernels shift. Tensors have exactly the size a kernel is promised, so that a read or write beyond one is seen.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "kernels.hpp"
#include "layer_operands.hpp"
#include "pool.hpp"

namespace integer {
extern const Kernels scalar;  // the plain loops that machines other than x86 run; built for these tests alone
}

namespace {

using integer::Kernels;
using integer::Scratch;

std::vector<const Kernels*> instruction_sets() {
    std::vector<const Kernels*> found = integer::available();
    CHECK(found.size() >= 1 && found.back()->name == std::string("portable"));
    found.push_back(&integer::scalar);
    return found;
}

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

// Positions in any order, of which some or all are zero in some of the blocks of inputs that are left out together.
void test_pointwise_case(Random& random, std::size_t width, std::size_t inputs, std::size_t outputs, Draw how) {
    Tensor x(random, 5, width, inputs, below(random, 2) * 5, kLatentMax, how);
    for (std::size_t block = 0; block < inputs; block += 32) {
        // None, all, every second; of many blocks every second one of all, more stretches than are told apart.
        const std::size_t every = inputs > 2000 ? block / 32 % 2 : below(random, 3);
        for (std::size_t i = 0; every > 0 && i < x.positions(); i += every) {
            for (std::size_t c = block; c < std::min(block + 32, inputs); ++c) x.at(i, c) = 0;
        }
    }
    const Weights weights(random, outputs, inputs, kLatentMax, how, below(random, 2) == 0);
    std::vector<std::uint32_t> order(x.positions());
    for (std::uint32_t i = 0; i < order.size(); ++i) std::swap(order[i] = i, order[below(random, i + 1)]);
    std::vector<std::size_t> wanted;
    for (std::size_t p = 0; p < weights.packed.panels(); ++p) {
        if (below(random, 2)) wanted.push_back(p);
    }
    for (const bool all : {true, false}) {
        const Tensor blank(random, 5, width, outputs, below(random, 2) * 3, kFeatureMax, Draw::kWhole);
        Tensor expected = blank;
        for (std::size_t i = 0; i < x.positions(); ++i) {
            Wide seen(inputs);
            for (std::size_t c = 0; c < inputs; ++c) seen[c] = x.at(i, c);
            const Wide result = weights(seen);
            for (std::size_t o = 0; o < outputs; ++o) {
                const bool is = all || std::count(wanted.begin(), wanted.end(), o / integer::kPanel) > 0;
                if (is) expected.at(i, o) = static_cast<std::int16_t>(result[o]);
            }
        }
        compare(random, blank, expected, blank.positions(),
                [&](const Kernels& k, Tensor& out, std::size_t first, std::size_t last, Scratch& scratch) {
                    const integer::Choice choice{&order[first], last - first, all ? nullptr : &wanted};
                    k.pointwise(x.in(), weights.packed, out.out(), choice, scratch);
                });
    }
}

void test_pointwise() {
    Random random(6);
    for (const Draw how : kDraws) {
        for (const std::size_t inputs : Sizes{1, 31, 32, 33, 97, 160}) {
            test_pointwise_case(random, 1 + below(random, 20), inputs, 1 + below(random, 130), how);
        }
    }
    test_pointwise_case(random, 2, 70 * 32, 3, Draw::kWhole);
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
    test_pointwise();
    test_spread();
    test_partial_block();
    test_depthwise_block();
    test_kernels_on_threads();
    std::puts("All tests passed.");
    return 0;
}
