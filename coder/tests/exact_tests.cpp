// Tests of the kernels of exact arithmetic and of their threads, meant to be run under AddressSanitizer and
// UndefinedBehaviorSanitizer:
//
//     cmake -S coder -B build/exact -DHPCM_MODULE=OFF -DHPCM_TESTS=ON -DHPCM_SANITIZE=ON
//     cmake --build build/exact && build/exact/exact_tests
//
// Every instruction set of this machine is compared with plain loops over int64, which divide where the kernels shift.
// Buffers have exactly the size a kernel is promised, so that a read or write beyond one is seen.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "cpu.hpp"
#include "exact_common.hpp"
#include "pool.hpp"

void test_attention();  // exact_attention.cpp
void test_pool();       // exact_pool.cpp

namespace {

// Where the compiler can ask the processor too, both come to one answer.
void test_cpu() {
#if defined(__GNUC__) && defined(__x86_64__)
    __builtin_cpu_init();
    const exact::Cpu cpu = exact::detect_cpu();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    CHECK(cpu.avx2 == avx2);
    CHECK(cpu.avx512_vnni == (avx2 && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
                              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")));
#endif
    std::size_t count = 0;
    const Kernels* const* all = exact::available(count);
    for (std::size_t i = 0; i < count; ++i) std::printf("instruction set: %s\n", all[i]->name);
}

void test_packing() {
    Random random(1);
    for (const std::size_t outputs : Sizes{1, 3, 17, 32, 33, 64, 65, 97}) {
        for (const std::size_t inputs : Sizes{2, 4, 18, 34}) {
            const Narrow w = drawn<std::int16_t>(random, outputs * inputs, kWeightMax, Draw::kWhole);
            const std::size_t panels = (outputs + exact::kPanel - 1) / exact::kPanel;
            CHECK(exact::packed_size(outputs, inputs) == panels * exact::kPanel * inputs * 2);
            Narrow packed(exact::packed_size(outputs, inputs), 99);
            exact::pack(w.data(), outputs, inputs, packed.data());
            for (std::size_t o = 0; o < panels * exact::kPanel; ++o) {
                for (std::size_t k = 0; k < inputs; ++k) {
                    const std::size_t pair = o / exact::kPanel * (inputs / 2) + k / 2;
                    const std::size_t at = pair * 4 * exact::kPanel + o % exact::kPanel * 2 + k % 2;
                    const int high = packed[at], low = packed[at + 2 * exact::kPanel];
                    CHECK(-63 <= high && high <= 63 && -64 <= low && low <= 63);
                    CHECK(high * 128 + low == (o < outputs ? w[o * inputs + k] : 0));
                }
            }
        }
    }
}

enum class After { kNothing, kLeaky, kNarrow, kWide };

// Weights that strain an int32 most: of all values, the one whose low digit is -64, and those at the ends.
Narrow weights(Random& random, std::size_t count, Draw how, bool low) {
    if (low) return Narrow(count, how == Draw::kTop ? std::int16_t{-8000} : std::int16_t{64});
    return drawn<std::int16_t>(random, count, kWeightMax, how);
}

struct Size {
    std::size_t positions, inputs, outputs;
};

void test_linear_case(Random& random, const Size& size, Draw how, bool low, After after, std::size_t most_left) {
    const std::size_t count = size.positions * size.outputs;
    const Narrow x = activations(random, size.positions * size.inputs, how);
    const Narrow w = weights(random, size.outputs * size.inputs, how, low);
    const Wide left = shifts(random, size.outputs, most_left);
    const Wide bias = drawn<std::int64_t>(random, size.outputs, power(44), how == Draw::kSmall ? how : Draw::kWhole);
    const Narrow narrow = activations(random, count, how);
    const Wide wide = drawn<std::int64_t>(random, count, power(45), how);
    int plus_shift = 0, sum_shift = 0;
    if (after == After::kNarrow) plus_shift = static_cast<int>(below(random, 99)) - 62;  // up to 36: 15 + 36 = 51 bits
    if (after == After::kWide) plus_shift = static_cast<int>(below(random, 68)) - 62;
    if (after == After::kNarrow || after == After::kWide) sum_shift = static_cast<int>(below(random, 68)) - 62;

    Wide expected(count);
    for (std::size_t p = 0; p < size.positions; ++p) {
        for (std::size_t o = 0; o < size.outputs; ++o) {
            std::int64_t a = 0;
            for (std::size_t k = 0; k < size.inputs; ++k) {
                a += std::int64_t{x[p * size.inputs + k]} * w[o * size.inputs + k];
            }
            a = a * power(left[o]) + bias[o];
            const std::size_t at = p * size.outputs + o;
            if (after == After::kLeaky && a < 0) a = rounded(41 * a, 12);
            if (after == After::kNarrow) a = moved(a, sum_shift) + moved(narrow[at], plus_shift);
            if (after == After::kWide) a = moved(a, sum_shift) + moved(wide[at], plus_shift);
            expected[at] = a;
        }
    }

    Narrow packed(exact::packed_size(size.outputs, size.inputs));
    exact::pack(w.data(), size.outputs, size.inputs, packed.data());
    exact::Linear job;
    job.x = x.data();
    job.weight = packed.data();
    job.bias = bias.data();
    job.left = left.data();
    job.positions = size.positions;
    job.inputs = size.inputs;
    job.outputs = size.outputs;
    job.leaky = after == After::kLeaky;
    if (after == After::kNarrow) job.plus = {narrow.data(), nullptr, plus_shift, sum_shift};
    if (after == After::kWide) job.plus = {nullptr, wide.data(), plus_shift, sum_shift};
    for (const Kernels* kernels : instruction_sets()) {
        Wide out(count);
        job.out = out.data();
        for (std::size_t panel = 0; panel < job.panels(); ++panel) {
            // One panel, in two parts; the others must stay as they are.
            std::fill(out.begin(), out.end(), kUntouched);
            const std::size_t middle = below(random, size.positions + 1);
            const std::int64_t peak = std::max(kernels->linear(job, 0, middle, panel),
                                               kernels->linear(job, middle, size.positions, panel));
            for (std::size_t i = 0; i < count; ++i) {
                const bool mine = i % size.outputs / exact::kPanel == panel;
                CHECK(out[i] == (mine ? expected[i] : kUntouched));
            }
            CHECK(peak == peak_of(out));
        }
    }
}

void test_linear() {
    Random random(2);
    for (const After after : {After::kNothing, After::kLeaky, After::kNarrow, After::kWide}) {
        for (const Draw how : kDraws) {
            for (const std::size_t outputs : Sizes{1, 3, 17, 32, 33, 70}) {
                const std::size_t positions = std::size_t{1} << below(random, 4) | below(random, 8);  // 1 to 15
                test_linear_case(random, {positions, 2 + 2 * below(random, 30), outputs}, how, false, after, 8);
            }
        }
        for (const std::size_t positions : Sizes{1, 3, 5, 6, 7, 17}) {
            test_linear_case(random, {positions, 18, 17}, Draw::kWhole, false, after, 8);
        }
    }
    // Whole chunks, and one pair of inputs more or less: the sums of a chunk come within 0.4 % of the end of an int32.
    for (const Draw how : {Draw::kEnds, Draw::kTop, Draw::kBottom}) {
        for (const bool low : {false, true}) {
            for (const std::size_t inputs : Sizes{1022, 1024, 1026, 2048, 3074}) {
                test_linear_case(random, {7, inputs, 3}, how, low, After::kNothing, 0);
            }
        }
    }
    // The most inputs that a layer may have with every operand at the end of its range: sums stay below 2^46.
    constexpr std::int64_t kMost = (std::int64_t{1} << 46) / (exact::kActivationMax * kWeightMax) / 2 * 2;
    for (const Draw how : {Draw::kTop, Draw::kBottom}) {
        test_linear_case(random, {1, static_cast<std::size_t>(kMost), 1}, how, false, After::kNothing, 0);
        test_linear_case(random, {1, static_cast<std::size_t>(kMost), 1}, how, false, After::kLeaky, 0);
    }
}

void test_depthwise() {
    Random random(3);
    for (const Draw how : kDraws) {
        for (const std::size_t channels : Sizes{1, 3, 17, 64, 65, 130}) {
            for (const Size& size : {Size{1, 1, 0}, Size{1, 3, 0}, Size{3, 1, 0}, Size{2, 2, 0}, Size{5, 3, 0}}) {
                exact::Depthwise job;
                job.height = size.positions;
                job.width = size.inputs;
                job.channels = channels;
                const std::size_t row = job.width * channels, count = job.height * row;
                const Narrow x = activations(random, count, how);
                const Narrow w = drawn<std::int16_t>(random, 9 * channels, kWeightMax, how);
                const Wide left = shifts(random, channels, 8);
                const Wide bias = drawn<std::int64_t>(random, channels, power(44), how);
                Wide expected(count);
                for (std::size_t i = 0; i < count; ++i) {
                    const std::size_t y = i / row, column = i / channels % job.width, c = i % channels;
                    std::int64_t a = 0;
                    for (std::size_t v = 0; v < job.height; ++v) {
                        for (std::size_t u = 0; u < job.width; ++u) {
                            if (v + 1 < y || v > y + 1 || u + 1 < column || u > column + 1) continue;
                            const std::size_t tap = (v + 1 - y) * 3 + (u + 1 - column);
                            a += std::int64_t{x[v * row + u * channels + c]} * w[tap * channels + c];
                        }
                    }
                    expected[i] = a * power(left[c]) + bias[c];
                }
                job.x = x.data();
                job.weight = w.data();
                job.left = left.data();
                job.bias = bias.data();
                for (const Kernels* kernels : instruction_sets()) {
                    Wide out(count);
                    job.out = out.data();
                    for (std::size_t first = 0; first < job.height; ++first) {
                        const std::size_t last = first + 1 + below(random, job.height - first);
                        std::fill(out.begin(), out.end(), kUntouched);
                        const std::int64_t peak = kernels->depthwise(job, first, last);
                        for (std::size_t i = 0; i < count; ++i) {
                            CHECK(out[i] == (first * row <= i && i < last * row ? expected[i] : kUntouched));
                        }
                        CHECK(peak == peak_of(out));
                    }
                }
            }
        }
    }
}

void test_scale() {
    Random random(4);
    for (const Draw how : kDraws) {
        for (const std::size_t channels : Sizes{1, 3, 17, 64}) {
            for (const std::size_t positions : Sizes{1, 3, 17}) {
                const Narrow x = activations(random, positions * channels, how);
                const Wide factors = drawn<std::int64_t>(random, channels, kWeightMax, how);
                for (const Kernels* kernels : instruction_sets()) {
                    Wide out(x.size(), kUntouched);
                    const std::size_t first = below(random, positions);
                    const std::int64_t peak =
                        kernels->scale(x.data(), factors.data(), channels, out.data(), first, positions);
                    for (std::size_t i = 0; i < x.size(); ++i) {
                        CHECK(out[i] == (i / channels < first ? kUntouched : x[i] * factors[i % channels]));
                    }
                    CHECK(peak == peak_of(out));
                }
            }
        }
    }
}

template <class T>
void test_place(Random& random, std::int64_t (*kernel)(const T*, int, std::int64_t*, std::size_t), int shift,
                std::int64_t most, std::size_t count, Draw how) {
    const std::vector<T> x = drawn<T>(random, count, most, how);
    Wide out(count, kUntouched);
    const std::int64_t peak = kernel(x.data(), shift, out.data(), count);
    for (std::size_t i = 0; i < count; ++i) CHECK(out[i] == moved(x[i], shift));
    CHECK(peak == peak_of(out));
}

void test_shifts() {
    Random random(5);
    for (const Kernels* kernels : instruction_sets()) {
        for (const Draw how : kDraws) {
            for (const std::size_t count : Sizes{0, 1, 3, 17, 64, 100}) {
                // To the left as far as 51 bits go.
                for (int shift = -62; shift <= 36; ++shift) {
                    test_place(random, kernels->place_narrow, shift, exact::kActivationMax, count, how);
                }
                for (int shift = -62; shift <= 5; ++shift) {
                    test_place(random, kernels->place_wide, shift, power(46) - 1, count, how);
                }
                for (int shift = 0; shift <= 62; ++shift) {
                    const std::int64_t most = std::int64_t{exact::kActivationMax} * power(std::min(shift, 37));
                    const Wide sums = drawn<std::int64_t>(random, count, most, how);
                    Narrow out(count);
                    kernels->round(sums.data(), shift, out.data(), count);
                    for (std::size_t i = 0; i < count; ++i) CHECK(out[i] == rounded(sums[i], shift));
                }
            }
        }
    }
}

// Kernels on several threads, as the module runs them.
void test_kernels_on_threads() {
    Random random(7);
    constexpr std::size_t kPositions = 61, kInputs = 18, kOutputs = 70, kBlock = 7;
    const Narrow x = activations(random, kPositions * kInputs, Draw::kWhole);
    const Narrow w = drawn<std::int16_t>(random, kOutputs * kInputs, kWeightMax, Draw::kWhole);
    const Wide zeros(kOutputs);
    Wide expected(kPositions * kOutputs);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        for (std::size_t k = 0; k < kInputs; ++k) {
            expected[i] += std::int64_t{x[i / kOutputs * kInputs + k]} * w[i % kOutputs * kInputs + k];
        }
    }
    Narrow packed(exact::packed_size(kOutputs, kInputs));
    exact::pack(w.data(), kOutputs, kInputs, packed.data());
    for (const Kernels* kernels : instruction_sets()) {
        for (const int threads : {1, 2, 3}) {
            Wide out(expected.size(), kUntouched);
            exact::Linear job;
            job.x = x.data();
            job.weight = packed.data();
            job.bias = job.left = zeros.data();
            job.out = out.data();
            job.positions = kPositions;
            job.inputs = kInputs;
            job.outputs = kOutputs;
            const std::size_t panels = job.panels();
            exact::parallel((kPositions + kBlock - 1) / kBlock * panels, threads, [&](std::size_t task) {
                const std::size_t first = task / panels * kBlock;
                kernels->linear(job, first, std::min(kPositions, first + kBlock), task % panels);
            });
            CHECK(out == expected);
        }
    }
}

}  // namespace

int main() {
    test_cpu();
    test_packing();
    test_linear();
    test_depthwise();
    test_scale();
    test_shifts();
    test_attention();
    test_pool();
    test_kernels_on_threads();
    std::puts("All tests passed.");
    return 0;
}
