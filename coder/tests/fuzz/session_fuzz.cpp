// The decoder of arithmetic profile 2, with a model in small: streams of any bytes give symbols, symbols go through every
// kind of layer, layers choose the tables of the symbols that follow, and at the end are pixels. Every instruction set
// and number of threads has to give the same, or the same error; and what an encoder makes of any latents has to come
// back.

#include <cmath>
#include <optional>
#include <vector>

#include "../small_model.hpp"
#include "fuzz.hpp"

namespace {

using integer::Run;
using integer::Watch;
using small::kLatents;

constexpr std::size_t kStreams = 3;
using Stream = std::vector<std::uint8_t>;
using Streams = std::vector<Stream>;

const small::Model& model() {
    static const small::Model made;
    return made;
}

struct Shape {
    std::size_t height, width;
};

struct Result {
    std::vector<float> latents;
    std::vector<std::uint8_t> pixels;
    bool operator==(const Result& other) const { return latents == other.latents && pixels == other.pixels; }
};

template <class T>
integer::Latents<T> tensor(T* at, const Shape& shape, std::size_t channels) {
    return {at, shape.height, shape.width, channels, shape.width * channels};
}

// What streams decode to; nothing where they are damaged.
std::optional<Result> decoded(const Run& run, const Shape& shape, const Streams& streams) {
    std::vector<integer::Bytes> bytes;
    for (const Stream& stream : streams) bytes.push_back({stream.data(), stream.size()});
    Result result;
    result.latents.resize(shape.height * shape.width * kLatents);
    integer::Record record;
    try {
        integer::decode(run, model().entropy, model().tables, bytes, 6, tensor(result.latents.data(), shape, kLatents), record);
    } catch (const rans::Error&) {
        return std::nullopt;
    }
    const std::vector<std::uint8_t> quality(shape.height * shape.width, 1);
    const std::size_t height = shape.height * small::kStride, width = shape.width * small::kStride;
    result.pixels.resize(height * width * 3);
    integer::synthesize<std::uint8_t>(
        run, model().g_s, tensor(static_cast<const float*>(result.latents.data()), shape, kLatents),
        {model().factor.data(), model().shift.data(), quality.data()},
        {result.pixels.data(), height, width, 3, static_cast<std::ptrdiff_t>(width * 3), 3, 1});
    return result;
}

// The streams of latents that the input gives, small ones for the most part, and what an encoder takes them for.
std::vector<float> encoded(const Run& run, const Shape& shape, Bytes& bytes, Streams& streams) {
    const auto values = [&](std::size_t count) {
        std::vector<float> drawn(count);
        for (float& value : drawn) {
            const int n = static_cast<std::int8_t>(bytes.byte());
            value = n == -128 ? std::ldexp(static_cast<float>(static_cast<std::int16_t>(bytes.word())), 16 - bytes.byte() % 32)
                              : static_cast<float>(n) / 8;
        }
        return drawn;
    };
    const Shape small_shape{shape.height / 4, shape.width / 4};
    const std::vector<float> y = values(shape.height * shape.width * kLatents);
    const std::vector<float> z = values(small_shape.height * small_shape.width * small::kHyper);
    std::vector<float> y_hat(y.size());
    integer::Record record;
    streams = integer::encode(run, model().entropy, model().tables, tensor(y.data(), shape, kLatents),
                              tensor(z.data(), small_shape, small::kHyper), tensor(y_hat.data(), shape, kLatents), record);
    return y_hat;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<const integer::Kernels*> sets = small::instruction_sets();

    Bytes bytes(data, size);
    const std::uint8_t mode = bytes.byte();
    const Shape shape{4 + 4 * bytes.below(2), 4 + 4 * bytes.below(2)};
    const std::size_t turn = bytes.byte();
    Watch watch{{}};
    const Run first{sets.front(), 1, &watch};
    Streams streams(kStreams);
    if (mode & 1) {  // any bytes
        for (Stream& stream : streams) {
            const Bytes part = &stream == &streams.back() ? bytes : bytes.part(bytes.word() % 512);
            stream.assign(part.rest(), part.rest() + part.left());
        }
    } else {
        Bytes damage = bytes.part(bytes.below(24));
        const std::vector<float> written = encoded(first, shape, bytes, streams);
        // Each set in turn reads what the best one wrote.
        const auto read = decoded({sets[turn % sets.size()], 1 + static_cast<int>(turn % 2), &watch}, shape, streams);
        CHECK(read && read->latents == written);
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
    const auto result = decoded(first, shape, streams);
    // All sets for one input in eight, of the others two in turn: there are to be many inputs.
    for (std::size_t i = 1; i < sets.size(); ++i) {
        if (mode >> 5 != 0 && i != 1 + turn % (sets.size() - 1)) continue;
        CHECK(decoded({sets[i], 1, &watch}, shape, streams) == result);
    }
    return 0;
}
