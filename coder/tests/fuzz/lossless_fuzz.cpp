// Streams of profile 3, from any bytes and from tiles that were coded and then changed in one byte. Every instruction
// set has to give the same samples or to refuse the stream, and a tile that was coded comes back.

#include <optional>
#include <stdexcept>
#include <vector>

#include "../lossless_model.hpp"
#include "fuzz.hpp"
#include "tile.hpp"

namespace integer {
extern const Kernels scalar;
}

namespace {

using Samples = std::vector<std::uint8_t>;

constexpr std::size_t kMostSide = 12;

std::optional<Samples> decoded(const lossless::Model& model, const integer::Kernels& kernels, const Samples& stream,
                               const lossless::Shape& shape) {
    Samples samples(shape.bytes());
    try {
        lossless::decode(model, kernels, stream.data(), stream.size(), samples.data(), shape, nullptr, [] {});
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
    return samples;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const lossless::Model model = [] {
        Random random(30);
        return ::model(random, 5, 1, 6, 3);
    }();
    static const std::vector<const integer::Kernels*> sets = [] {
        std::vector<const integer::Kernels*> found = integer::available();
        found.push_back(&integer::scalar);
        return found;
    }();
    Bytes bytes(data, size);
    // A bit for what is coded, and the upper two for the kind of samples.
    const std::uint8_t first = bytes.byte();
    const bool coded = (first & 1) != 0;
    const std::size_t height = 1 + bytes.below(kMostSide), width = 1 + bytes.below(kMostSide);
    const lossless::Shape shape{kKinds[first >> 6], height, width};
    Samples stream(bytes.rest(), bytes.rest() + bytes.left());
    if (coded) {
        const std::size_t place = bytes.word();
        const std::uint8_t change = bytes.byte();
        Samples samples(shape.bytes());
        for (std::uint8_t& n : samples) n = bytes.byte();
        stream = lossless::encode(model, *sets.front(), samples.data(), shape, nullptr, [] {});
        CHECK(decoded(model, *sets.back(), stream, shape) == samples);
        stream[place % stream.size()] ^= change;
        CHECK(change == 0 || !decoded(model, *sets.back(), stream, shape));
    }
    const std::optional<Samples> found = decoded(model, *sets.front(), stream, shape);
    for (const integer::Kernels* set : sets) CHECK(decoded(model, *set, stream, shape) == found);
    return 0;
}
