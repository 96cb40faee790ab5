// A decoder of arithmetic profile 2 in small: streams of any bytes give symbols, symbols go through every kind of layer,
// layers choose the tables of the symbols that follow, and at the end are pixels. Weights are drawn once, for sums that
// fill their 32 bits. Every instruction set has to give the same, or the same error; and what an encoder makes of any
// symbols has to come back.

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../operands.hpp"
#include "fuzz.hpp"
#include "kernels.hpp"
#include "rans.hpp"

namespace integer {
extern const Kernels scalar;  // the plain loops that machines other than x86 run
}

namespace {

using integer::Kernels;
using integer::Scratch;

constexpr std::int64_t kFeatureMax = 16383, kLatentMax = 32767;
constexpr std::size_t kLatents = 6, kContext = 2 * kLatents, kParams = 3 * kLatents, kWide = 18, kHyper = 3;
constexpr std::size_t kSteps = 3, kTables = 60;

std::vector<const Kernels*> instruction_sets() {
    std::vector<const Kernels*> found = integer::available();
    found.push_back(&integer::scalar);
    return found;
}

struct Tensor {
    std::size_t height, width, channels;
    Narrow values;

    Tensor(std::size_t h, std::size_t w, std::size_t c) : height(h), width(w), channels(c), values(h * w * c) {}
    std::size_t positions() const { return height * width; }
    // Channels [first, first + count) only.
    integer::In in(std::size_t first, std::size_t count) const {
        return {values.data() + first, height, width, count, channels};
    }
    integer::Out out(std::size_t first, std::size_t count) {
        return {values.data() + first, height, width, count, channels};
    }
    integer::In in() const { return in(0, channels); }
    integer::Out out() { return out(0, channels); }
};

// Bias (with its half) and shift for sums up to `largest`, as whoever makes a matrix has to check.
void finish(Random& random, const Wide& largest, std::vector<std::int32_t>& bias, std::vector<std::int32_t>& shift) {
    for (std::size_t o = 0; o < largest.size(); ++o) {
        shift[o] = static_cast<std::int32_t>(8 + below(random, 12));
        const std::int64_t half = power(shift[o] - 1), room = power(31) - 1 - half - largest[o];
        CHECK(room >= 0);
        bias[o] = static_cast<std::int32_t>(draw(random, below(random, 4) ? room / 64 : room, Draw::kWhole) + half);
    }
}

std::int64_t weight_max(std::size_t inputs, std::int64_t limit) {
    return std::min<std::int64_t>(kLatentMax, (power(31) - power(30) / 2) / limit / static_cast<std::int64_t>(inputs));
}

integer::Matrix matrix(Random& random, std::size_t outputs, std::size_t inputs, std::int64_t limit = kFeatureMax,
                       bool leaky = false, std::int64_t low = -kFeatureMax, std::int64_t high = kFeatureMax) {
    integer::Matrix m;
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
    return m;
}

integer::Depthwise depthwise(Random& random, std::size_t channels) {
    integer::Depthwise d;
    d.channels = channels;
    d.low = -kFeatureMax;
    d.high = kFeatureMax;
    d.weight = drawn<std::int16_t>(random, 9 * channels, weight_max(9, kFeatureMax), Draw::kWhole);
    Wide largest(channels);
    for (std::size_t i = 0; i < d.weight.size(); ++i) largest[i % channels] += kFeatureMax * magnitude(d.weight[i]);
    d.bias.assign(channels, 0);
    d.shift.assign(channels, 0);
    finish(random, largest, d.bias, d.shift);
    return d;
}

struct Weights {
    Random random{20};
    integer::Matrix h_conv = matrix(random, 1, 9, kLatentMax), h_expand = matrix(random, 7, kHyper, kLatentMax, true),
                    h_reduce = matrix(random, kHyper, 7, kFeatureMax, false, -kLatentMax, kLatentMax),
                    h_up = matrix(random, 4 * kContext, kHyper, kLatentMax),
                    adaptor = matrix(random, kWide, kParams, kLatentMax), expand = matrix(random, 34, kWide, kFeatureMax, true),
                    reduce = matrix(random, kWide, 34), last = matrix(random, kContext, kWide),
                    g_up = matrix(random, 4 * 9, kLatents, kLatentMax), g_conv = matrix(random, 4, 36),
                    g_expand = matrix(random, 20, 9, kFeatureMax, true), g_reduce = matrix(random, 9, 20),
                    g_last = matrix(random, 4 * 3, 9, kFeatureMax, false, 0, 255), down = matrix(random, 5, 4 * 3);
    integer::Depthwise columns = depthwise(random, kWide);
};

std::shared_ptr<const rans::Tables> make_tables() {
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

// Symbols for tables, of one stream or another.
using Coder = std::function<std::vector<std::int32_t>(std::size_t stream, const std::vector<std::uint8_t>& indices)>;

std::int16_t seen(std::int64_t latent) {
    return static_cast<std::int16_t>(std::clamp(rounded(latent, 3), -kLatentMax, kLatentMax));
}

// One tile of 2 x 2 (height x width) hyper latents: latents, pixels and, of these, a layer of the way down again.
struct Result {
    std::vector<std::int64_t> latents;
    Narrow pixels, below;
    bool operator==(const Result& other) const {
        return latents == other.latents && pixels == other.pixels && below == other.below;
    }
};

class Session {
public:
    Session(const Weights& weights, const Kernels& kernels, std::size_t chunk)
        : w_(weights), k_(kernels), chunk_(1 + chunk % integer::kChunk) {}

    Result run(std::size_t height, std::size_t width, const Coder& code) {
        Tensor z(height, width, kHyper), mixed = z, params(2 * height, 2 * width, kParams);
        const auto symbols = code(0, std::vector<std::uint8_t>(z.values.size(), 30));
        for (std::size_t i = 0; i < symbols.size(); ++i) z.values[i] = seen(std::int64_t{symbols[i]} * 256);
        const integer::PartialBlock hyper{&w_.h_conv, &w_.h_expand, &w_.h_reduce};
        parts(z.positions(), [&](std::size_t a, std::size_t b) { k_.partial_block(z.in(), hyper, mixed.out(), a, b, s_); });
        Tensor up(2 * height, 2 * width, kContext);
        parts(z.positions(), [&](std::size_t a, std::size_t b) { k_.spread(mixed.in(), 2, w_.h_up, up.out(), a, b, s_); });
        for (std::size_t p = 0; p < up.positions(); ++p) {
            std::copy_n(&up.values[p * kContext], kContext, &params.values[p * kParams]);
        }
        Result result;
        result.latents.assign(params.positions() * kLatents, 0);
        for (std::size_t step = 0; step < kSteps; ++step) one_step(step, params, result.latents, code);
        synthesize(params, result);
        return result;
    }

private:
    void one_step(std::size_t step, Tensor& params, std::vector<std::int64_t>& latents, const Coder& code) {
        if (step > 0) {
            Tensor x(params.height, params.width, kWide), y = x;
            const integer::DepthwiseBlock block{&w_.columns, &w_.expand, &w_.reduce};
            const std::size_t count = x.positions();
            parts(count, [&](std::size_t a, std::size_t b) { k_.patches(params.in(), 1, w_.adaptor, x.out(), a, b, s_); });
            parts(count, [&](std::size_t a, std::size_t b) { k_.depthwise_block(x.in(), block, y.out(), a, b, s_); });
            parts(count, [&](std::size_t a, std::size_t b) {
                k_.patches(y.in(), 1, w_.last, params.out(0, kContext), a, b, s_);
            });
        }
        // A third of the latents each: those whose place and channel sum up to the step's number.
        std::vector<std::size_t> chosen;
        std::vector<std::uint8_t> indices;
        for (std::size_t i = 0; i < latents.size(); ++i) {
            if ((i / kLatents + i % kLatents) % kSteps != step) continue;
            const int scale = params.values[i / kLatents * kParams + i % kLatents];
            chosen.push_back(i);
            indices.push_back(static_cast<std::uint8_t>(std::clamp(scale / 200, 0, static_cast<int>(kTables) - 1)));
        }
        const auto symbols = code(1 + step % 2, indices);
        for (std::size_t n = 0; n < chosen.size(); ++n) {
            std::int16_t* const at = &params.values[chosen[n] / kLatents * kParams];
            const std::size_t channel = chosen[n] % kLatents;
            latents[chosen[n]] = std::int64_t{symbols[n]} * 256 + at[kLatents + channel];
            at[kContext + channel] = seen(latents[chosen[n]]);
        }
    }

    void synthesize(const Tensor& params, Result& result) {
        const std::size_t h = 2 * params.height, w = 2 * params.width;
        Tensor x(h, w, 9), y = x, pixels(2 * h, 2 * w, 3), below(h, w, 5);
        const integer::PartialBlock block{&w_.g_conv, &w_.g_expand, &w_.g_reduce};
        parts(params.positions(), [&](std::size_t a, std::size_t b) {
            k_.spread(params.in(kContext, kLatents), 2, w_.g_up, x.out(), a, b, s_);
        });
        parts(x.positions(), [&](std::size_t a, std::size_t b) { k_.partial_block(x.in(), block, y.out(), a, b, s_); });
        parts(x.positions(), [&](std::size_t a, std::size_t b) { k_.spread(y.in(), 2, w_.g_last, pixels.out(), a, b, s_); });
        parts(x.positions(), [&](std::size_t a, std::size_t b) { k_.patches(pixels.in(), 2, w_.down, below.out(), a, b, s_); });
        for (const std::int16_t sample : pixels.values) CHECK(0 <= sample && sample <= 255);
        result.pixels = pixels.values;
        result.below = below.values;
    }

    template <class Function>
    void parts(std::size_t positions, const Function& function) const {
        for (std::size_t at = 0; at < positions; at += chunk_) function(at, std::min(positions, at + chunk_));
    }

    const Weights& w_;
    const Kernels& k_;
    std::size_t chunk_;
    Scratch s_;
};

constexpr std::size_t kStreams = 3;
using Stream = std::vector<std::uint8_t>;
using Streams = std::vector<Stream>;
struct Shape {
    std::size_t height, width;
};

// What streams decode to; nothing where they are damaged.
std::optional<Result> decoded(Session& session, const Shape& shape, const Streams& streams,
                              const std::shared_ptr<const rans::Tables>& tables) {
    std::vector<rans::Decoder> decoders;
    for (const Stream& stream : streams) decoders.emplace_back(stream.data(), stream.size(), tables);
    try {
        Result result = session.run(shape.height, shape.width, [&](std::size_t stream, const auto& indices) {
            std::vector<std::int32_t> symbols(indices.size());
            decoders[stream].pull(indices.data(), indices.size(), symbols.data());
            return symbols;
        });
        for (rans::Decoder& decoder : decoders) decoder.finish();
        return result;
    } catch (const rans::Error&) {
        return std::nullopt;
    }
}

// The streams of symbols that the input gives, small ones for the most part, and what an encoder takes them for.
Result encoded(Session& session, const Shape& shape, Bytes& bytes, Streams& streams,
               const std::shared_ptr<const rans::Tables>& tables) {
    std::vector<rans::Encoder> encoders;
    for (std::size_t i = 0; i < kStreams; ++i) encoders.emplace_back(tables);
    Result result = session.run(shape.height, shape.width, [&](std::size_t stream, const auto& indices) {
        std::vector<std::int32_t> symbols(indices.size());
        for (auto& symbol : symbols) {
            symbol = static_cast<std::int8_t>(bytes.byte());
            if (symbol == -128) symbol = std::max<std::int32_t>(-32767, static_cast<std::int16_t>(bytes.word()));
        }
        encoders[stream].push(symbols.data(), indices.data(), symbols.size());
        return symbols;
    });
    for (std::size_t i = 0; i < kStreams; ++i) streams[i] = encoders[i].finish();
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Weights weights;
    static const std::shared_ptr<const rans::Tables> tables = make_tables();
    static const std::vector<const Kernels*> sets = instruction_sets();

    Bytes bytes(data, size);
    const std::uint8_t mode = bytes.byte();
    const Shape shape{1 + bytes.below(2), 1 + bytes.below(2)};
    const std::size_t chunk = bytes.byte();
    Session first(weights, *sets.front(), chunk);
    Streams streams(kStreams);
    if (mode & 1) {  // any bytes
        for (Stream& stream : streams) {
            const Bytes part = &stream == &streams.back() ? bytes : bytes.part(bytes.word() % 512);
            stream.assign(part.rest(), part.rest() + part.left());
        }
    } else {
        Bytes damage = bytes.part(bytes.below(24));
        const Result written = encoded(first, shape, bytes, streams, tables);
        // Each set in turn reads what the best one wrote.
        Session other(weights, *sets[chunk % sets.size()], chunk + 7);
        CHECK(decoded(other, shape, streams, tables) == written);
        while (!damage.empty()) {
            Stream& stream = streams[damage.below(kStreams)];
            const std::uint8_t change = damage.byte();
            const std::size_t place = damage.below(stream.size() + 1);
            if (place == stream.size() || change == 0) {
                stream.resize(place);
            } else {
                stream[place] = static_cast<std::uint8_t>(stream[place] ^ change);
            }
        }
    }
    const auto result = decoded(first, shape, streams, tables);
    // All sets for one input in eight, of the others two in turn: there are to be many inputs.
    for (std::size_t i = 1; i < sets.size(); ++i) {
        if (mode >> 5 != 0 && i != 1 + chunk % (sets.size() - 1)) continue;
        Session other(weights, *sets[i], chunk + 13);
        CHECK(decoded(other, shape, streams, tables) == result);
    }
    return 0;
}
