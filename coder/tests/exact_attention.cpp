// Tests of the attention of exact arithmetic: a part of exact_tests.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "exact_common.hpp"

namespace {

std::int64_t softmax_weight(std::int64_t steps, const exact::Attention& job) {
    constexpr std::int64_t kLimit = exact::kOctaves * 1024;
    steps *= job.factor;
    steps = job.shift >= 0 ? rounded(steps, job.shift) : std::min(steps, kLimit);
    for (int i = job.shift; i < 0 && steps < kLimit; ++i) steps *= 2;
    return steps >= kLimit ? 0 : rounded(job.powers[steps % 1024], static_cast<int>(steps / 1024));
}

// `spread` is the largest magnitude of queries and keys.
void test_attention_case(Random& random, exact::Attention job, std::int64_t spread, Draw how) {
    const std::size_t head = job.channels / job.heads, count = job.height * job.width * job.channels;
    const Narrow q = drawn<std::int16_t>(random, count, spread, how);
    const Narrow k = drawn<std::int16_t>(random, count, spread, how == Draw::kBottom ? Draw::kEnds : how);
    const Narrow v = activations(random, count, how);
    job.q = q.data();
    job.k = k.data();
    job.v = v.data();
    Wide expected(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t y = i / job.channels / job.width, x = i / job.channels % job.width, c = i % job.channels;
        const std::size_t top = y / job.window * job.window, left = x / job.window * job.window;
        const auto at = [&](std::size_t token) {
            return ((top + token / job.window) * job.width + left + token % job.window) * job.channels;
        };
        Wide scores(job.window * job.window);
        for (std::size_t j = 0; j < scores.size(); ++j) {
            for (std::size_t d = c / head * head; d < (c / head + 1) * head; ++d) {
                scores[j] += std::int64_t{q[i - c + d]} * k[at(j) + d];
            }
        }
        const std::int64_t best = *std::max_element(scores.begin(), scores.end());
        std::int64_t total = 0, mixed = 0;
        for (std::size_t j = 0; j < scores.size(); ++j) {
            const std::int64_t weight = softmax_weight(best - scores[j], job);
            total += weight;
            mixed += weight * v[at(j) + c];
        }
        expected[i] = divided(32 * mixed + total, 2 * total);
    }
    for (const Kernels* kernels : instruction_sets()) {
        Wide out(count, kUntouched);
        job.out = out.data();
        for (std::size_t task = 0; task < job.tasks(); ++task) {
            kernels->attend(job, task);
            // A task is one head of one window, and writes nothing else.
            const auto rest = std::count(out.begin(), out.end(), kUntouched);
            CHECK(static_cast<std::size_t>(rest) == count - count / job.tasks() * (task + 1));
        }
        CHECK(out == expected);
    }
}

}  // namespace

void test_attention() {
    Random random(6);
    Wide powers(std::size_t{1} << exact::kPowerBits);
    for (std::size_t i = 0; i < powers.size(); ++i) {
        powers[i] = std::llround(std::exp2(16 - static_cast<double>(i) / 1024));
    }
    exact::Attention job;
    job.powers = powers.data();
    for (const std::size_t head : Sizes{1, 3, 17, 20, 64}) {
        job.factor = static_cast<std::int64_t>(16384 * 1.4426950408889634 / std::sqrt(static_cast<double>(head)));
        for (const std::size_t window : Sizes{1, 2, 3, 8}) {
            job.window = window;
            job.height = window * (window == 8 ? 1 : 3);
            job.width = window * (window == 8 ? 1 : 2);
            job.heads = window == 8 ? 1 : 3;
            job.channels = job.heads * head;
            for (const Draw how : kDraws) {
                // Scores of some 30 bits: shifts near 26 leave them some octaves apart.
                for (const int shift : {24 + static_cast<int>(below(random, 12)), static_cast<int>(below(random, 63))}) {
                    job.shift = shift;
                    test_attention_case(random, job, exact::kActivationMax, how);
                }
                job.shift = 4 - static_cast<int>(below(random, 60));
                test_attention_case(random, job, 2, how);
            }
        }
    }
}
