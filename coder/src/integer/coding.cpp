#include "coding.hpp"

#include <stdexcept>

#include "crc.hpp"

namespace integer {
namespace {

void add(const Run& run, const Tile& tile, const rans::Tables& tables, const std::vector<std::int32_t>& symbols,
         std::size_t positions, Record& record) {
    record.crc = rans::crc32(record.crc, symbols.data(), symbols.size());
    tile.add_bits(
        run,
        [&](std::size_t first, std::size_t count, float* bits) {
            tables.bits(&symbols[first], &tile.indices()[first], count, bits);
        },
        &record.bits[tile.request() * positions]);
}

}  // namespace

std::vector<std::vector<std::uint8_t>> encode(const Run& run, const std::shared_ptr<const Entropy>& entropy,
                                              const Tables& tables, const Latents<const float>& y,
                                              const Latents<const float>& z, const Latents<float>& y_hat,
                                              Record& record) {
    Tile tile(entropy, y.height, y.width);
    const std::size_t positions = y.height * y.width;
    if (z.height != tile.height() || z.width != tile.width() || z.channels != tile.packed() ||
        y.channels != entropy->channels) {
        throw std::invalid_argument("The hyperprior does not fit the latents.");
    }
    record = {0, std::vector<float>((entropy->steps.size() + 1) * positions)};
    std::vector<rans::Encoder> encoders;
    for (std::size_t i = 0; i < entropy->streams(); ++i) encoders.emplace_back(tables);
    std::vector<std::int32_t> symbols;
    while (tile.next(run)) {
        symbols.resize(tile.count());
        tile.quantize(run, tile.request() == 0 ? z : y, symbols.data());
        encoders[tile.stream()].push(symbols.data(), tile.indices().data(), symbols.size());
        add(run, tile, *tables, symbols, positions, record);
        tile.take(run, symbols.data());
    }
    std::vector<std::vector<std::uint8_t>> streams;
    for (rans::Encoder& encoder : encoders) streams.push_back(encoder.finish());
    tile.y_hat(y_hat);
    return streams;
}

void decode(const Run& run, const std::shared_ptr<const Entropy>& entropy, const Tables& tables,
            const std::vector<Bytes>& streams, std::size_t known, const Latents<float>& y_hat, Record& record) {
    if (streams.size() != entropy->streams() || y_hat.channels != entropy->channels) {
        throw std::invalid_argument("A tile has other streams or latents.");
    }
    Tile tile(entropy, y_hat.height, y_hat.width);
    const std::size_t positions = y_hat.height * y_hat.width;
    record = {0, std::vector<float>((entropy->steps.size() + 1) * positions)};
    std::vector<rans::Decoder> decoders;
    for (const Bytes& stream : streams) decoders.emplace_back(stream.at, stream.size, tables);
    std::vector<std::int32_t> symbols;
    while (tile.next(run)) {
        symbols.assign(tile.count(), 0);
        if (tile.request() < known) {
            decoders[tile.stream()].pull(tile.indices().data(), symbols.size(), symbols.data());
            add(run, tile, *tables, symbols, positions, record);
        }
        tile.take(run, symbols.data());
    }
    if (known > entropy->steps.size()) {
        for (rans::Decoder& decoder : decoders) decoder.finish();
    }
    tile.y_hat(y_hat);
}

}  // namespace integer
