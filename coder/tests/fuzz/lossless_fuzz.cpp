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
                               std::size_t height, std::size_t width) {
    Samples samples(height * width * lossless::kColours);
    try {
        lossless::decode(model, kernels, stream.data(), stream.size(), samples.data(), height, width, [] {});
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
    const bool coded = (bytes.byte() & 1) != 0;
    const std::size_t height = 1 + bytes.below(kMostSide), width = 1 + bytes.below(kMostSide);
    Samples stream(bytes.rest(), bytes.rest() + bytes.left());
    if (coded) {
        const std::size_t place = bytes.word();
        const std::uint8_t change = bytes.byte();
        Samples samples(height * width * lossless::kColours);
        for (std::uint8_t& n : samples) n = bytes.byte();
        stream = lossless::encode(model, *sets.front(), samples.data(), height, width, [] {});
        CHECK(decoded(model, *sets.back(), stream, height, width) == samples);
        stream[place % stream.size()] ^= change;
        CHECK(change == 0 || !decoded(model, *sets.back(), stream, height, width));
    }
    const std::optional<Samples> first = decoded(model, *sets.front(), stream, height, width);
    for (const integer::Kernels* set : sets) CHECK(decoded(model, *set, stream, height, width) == first);
    return 0;
}
