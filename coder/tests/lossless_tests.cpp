// Tests of profile 3, meant to be run under AddressSanitizer and UndefinedBehaviorSanitizer, and under ThreadSanitizer.
// The kernels that it has of its own are compared with plain loops over int64, which divide where kernels shift; then
// whole tiles on every instruction set, of models whose values meet their bounds. That streams are what the
// specification says is a matter of tests/coder/test_lossless.py.

#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include "crc.hpp"
#include "lossless_model.hpp"
#include "stream.hpp"
#include "tile.hpp"

namespace integer {
extern const Kernels scalar;
}

namespace {

using integer::Kernels;
using lossless::Model;

std::vector<const Kernels*> instruction_sets() {
    std::vector<const Kernels*> found = integer::available();
    found.push_back(&integer::scalar);
    return found;
}

void test_wide_products() {
    Random random(1);
    for (const std::size_t outputs : Sizes{1, 3, 31, 32, 50, 65}) {
        for (const std::size_t positions : Sizes{1, 2, 5, 13, 31}) {
            const std::size_t inputs = 1 + below(random, 40), stride = inputs + inputs % 2;
            Wide magnitudes;
            const Narrow w = weights(random, outputs, inputs, kMost, magnitudes);
            const Ends ends(random, magnitudes, kMost, 30);
            const integer::Matrix m = integer::make_matrix(w.data(), outputs, inputs, ends.ending(kMost, kMost, false));
            const Narrow x = drawn<std::int16_t>(random, positions * stride, kMost, kDraws[below(random, 5)]);
            for (const Kernels* kernels : instruction_sets()) {
                std::vector<std::int32_t> out(positions * m.padded());
                integer::Product job;
                job.x = x.data();
                job.x_stride = stride;
                job.wide = out.data();
                job.out_stride = m.padded();
                kernels->product(m, job, positions);
                for (std::size_t i = 0; i < positions * outputs; ++i) {
                    const std::size_t at = i / outputs, o = i % outputs;
                    std::int64_t sum = ends.bias[o];
                    for (std::size_t k = 0; k < inputs; ++k)
                        sum += std::int64_t{x[at * stride + k]} * w[o * inputs + k];
                    CHECK(out[at * m.padded() + o] == rounded(sum, ends.shift[o]));
                }
            }
        }
    }
}

void test_many_taps() {
    Random random(2);
    for (const std::size_t channels : Sizes{1, 7, 16, 40, 96}) {
        for (const std::size_t taps : Sizes{1, 2, 25, 26, 32}) {
            Wide magnitudes;
            const Narrow by_channel = weights(random, channels, taps, kMost, magnitudes);
            Narrow w(channels * taps);
            for (std::size_t i = 0; i < w.size(); ++i) w[i % taps * channels + i / taps] = by_channel[i];
            const Ends ends(random, magnitudes, kMost, 30);
            const integer::Depthwise conv =
                integer::make_depthwise(w.data(), taps, channels, ends.ending(kMost, 20000, false));
            const std::size_t positions = 1 + below(random, 9), stride = channels + below(random, 3);
            std::vector<Narrow> x(taps);
            const std::int16_t* at[integer::kMaxTaps];
            for (std::size_t t = 0; t < taps; ++t) {
                x[t] =
                    drawn<std::int16_t>(random, (positions - 1) * stride + channels, kMost, kDraws[below(random, 5)]);
                at[t] = x[t].data();
            }
            for (const Kernels* kernels : instruction_sets()) {
                Narrow out(positions * stride, 77);
                kernels->mixed(conv, at, stride, out.data(), stride, positions);
                for (std::size_t i = 0; i < positions * stride; ++i) {
                    const std::size_t c = i % stride;
                    if (c >= channels) {
                        CHECK(out[i] == 77);
                        continue;
                    }
                    std::int64_t sum = ends.bias[c];
                    for (std::size_t t = 0; t < taps; ++t) sum += std::int64_t{x[t][i]} * w[t * channels + c];
                    const std::int64_t n = rounded(sum, ends.shift[c]);
                    CHECK(out[i] == std::min<std::int64_t>(std::max<std::int64_t>(n, -20000), 20000));
                }
            }
        }
    }
}

void test_gates() {
    Random random(3);
    const auto clamped = [](std::int64_t n, std::int64_t most) { return std::min(std::max(n, -most), most); };
    for (int round = 0; round < 200; ++round) {
        const auto any = [&](std::size_t most) { return static_cast<std::int32_t>(1 + below(random, most)); };
        const integer::Gate gate{below(random, 4) ? any(16383) : 16383, any(31) - 1, any(kMost), any(31) - 1,
                                 any(kMost)};
        const std::size_t values = 1 + below(random, 70);
        const Narrow m = drawn<std::int16_t>(random, values, kMost, kDraws[below(random, 5)]);
        const Narrow u = drawn<std::int16_t>(random, values, kMost, kDraws[below(random, 5)]);
        for (const Kernels* kernels : instruction_sets()) {
            Narrow out = m;  // in place
            kernels->gated(gate, out.data(), u.data(), out.data(), values);
            for (std::size_t i = 0; i < values; ++i) {
                const std::int64_t t =
                    std::min<std::int64_t>(std::max<std::int64_t>(m[i] + gate.three, 0), 2 * gate.three);
                const std::int64_t g = clamped(rounded(m[i] * t, gate.inner_shift), gate.inner_bound);
                CHECK(out[i] == clamped(rounded(g * u[i], gate.shift), gate.bound));
            }
        }
    }
}

bool refused(const std::function<void()>& work) {
    try {
        work();
    } catch (const std::invalid_argument&) {
        return true;
    }
    return false;
}

// equal: three colours of a pixel that are one and the same.
void test_tiles(const lossless::Kind& kind, bool equal) {
    Random random(4);
    const lossless::Check never = [] {};
    const std::size_t sides[][2] = {{1, 1}, {1, 40}, {40, 1}, {2, 2}, {5, 9}, {23, 4}, {17, 31}};
    for (const auto& [height, width] : sides) {
        const Model m =
            model(random, 1 + below(random, 50), below(random, 3), 1 + below(random, 70), 1 + below(random, 16));
        const lossless::Shape shape{kind, height, width};
        std::vector<std::uint8_t> samples = noise(random, shape.bytes());
        for (std::uint8_t& n : samples) {
            if (below(random, 4) == 0) n = below(random, 2) == 0 ? 0 : 255;
        }
        const std::size_t sample = kind.deep ? 2 : 1;
        if (kind.channels == lossless::kColours) samples[0] = static_cast<std::uint8_t>(samples[sample] ^ 1);
        for (std::size_t i = 0; equal && i < samples.size(); ++i) {
            samples[i] = samples[i - i % kind.bytes() + i % sample];
        }
        const auto stream = lossless::encode(m, integer::scalar, samples.data(), shape, nullptr, never);
        std::vector<std::uint8_t> found(samples.size());
        std::vector<float> made(shape.pixels() * kind.channels), taken(made.size());
        lossless::encode(m, integer::scalar, samples.data(), shape, made.data(), never);
        for (std::size_t i = 0; i < made.size(); ++i) {
            const bool coded = !equal || i % kind.channels == m.order[0];
            CHECK(coded ? made[i] > 0 && made[i] <= (kind.deep ? 36 : 18) : made[i] == 0);
        }
        for (const Kernels* kernels : instruction_sets()) {
            CHECK(lossless::encode(m, *kernels, samples.data(), shape, nullptr, never) == stream);
            std::fill(found.begin(), found.end(), std::uint8_t{0});
            std::fill(taken.begin(), taken.end(), 0.0F);
            lossless::decode(m, *kernels, stream.data(), stream.size(), found.data(), shape, taken.data(), never);
            CHECK(found == samples);
            CHECK(taken == made);
            const auto decode = [&](const std::vector<std::uint8_t>& data) {
                lossless::decode(m, *kernels, data.data(), data.size(), found.data(), shape, nullptr, never);
            };
            std::vector<std::uint8_t> marked = stream;  // as of equal colours, or of others
            marked[7] ^= 0x80;
            CHECK(equal == (stream[7] >= 0x80));
            CHECK(refused([&] { decode(marked); }));
            for (int round = 0; round < 12; ++round) {
                // In a buffer of its own size, so that a read beyond it is seen.
                std::vector<std::uint8_t> damaged(stream.begin(),
                                                  stream.end() - static_cast<std::ptrdiff_t>(below(random, 9)));
                const std::size_t at = below(random, damaged.size());
                damaged[at] = static_cast<std::uint8_t>(damaged[at] + 1 + below(random, 255));
                CHECK(refused([&] { decode(damaged); }));
                CHECK(refused([&] { decode(noise(random, below(random, 60))); }));
            }
        }
    }
}

void test_threads_share_a_model() {
    Random random(5);
    const Model m = model(random, 20, 2, 30, 4);
    const lossless::Shape shape{{lossless::kColours, true}, 24, 20};
    const std::vector<std::uint8_t> samples = noise(random, shape.bytes());
    std::vector<std::vector<std::uint8_t>> streams(3);
    std::vector<std::thread> threads;
    for (auto& stream : streams) {
        threads.emplace_back([&] {
            const Kernels& kernels = *integer::available().front();
            stream = lossless::encode(m, kernels, samples.data(), shape, nullptr, [] {});
            std::vector<std::uint8_t> found(samples.size());
            lossless::decode(m, kernels, stream.data(), stream.size(), found.data(), shape, nullptr, [] {});
            CHECK(found == samples);
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(streams[0] == streams[1] && streams[1] == streams[2]);
}

void test_crc() {
    const std::string digits = "123456789";
    CHECK(rans::crc32(0, reinterpret_cast<const std::uint8_t*>(digits.data()), digits.size()) == 0xCBF43926);
}

}  // namespace

int main() {
    test_wide_products();
    test_many_taps();
    test_gates();
    for (const lossless::Kind& kind : kKinds) {
        test_tiles(kind, false);
        if (kind.channels == lossless::kColours) test_tiles(kind, true);
    }
    test_threads_share_a_model();
    test_crc();
    std::puts("All tests passed.");
    return 0;
}
