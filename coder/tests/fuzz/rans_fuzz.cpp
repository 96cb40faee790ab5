// rANS: any bytes as a stream, and damaged streams of any symbols, are symbols or one error, in whatever parts they are
// read; and what is accepted is, byte by byte, what the encoder would have written.

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "fuzz.hpp"
#include "rans.hpp"

namespace {

using rans::Decoder;
using rans::Encoder;
using rans::Tables;

using Symbols = std::vector<std::int32_t>;
using Indices = std::vector<std::uint8_t>;
using Stream = std::vector<std::uint8_t>;

constexpr std::size_t kMostSymbols = 3000;

// Tables of every shape: two-sided slopes, the escape alone beside one symbol, many symbols of frequency 1, all slots.
std::shared_ptr<const Tables> make_tables(std::size_t kind) {
    constexpr std::int64_t kAll = 65536;
    std::vector<std::vector<std::int64_t>> rows;
    std::vector<std::int64_t> offsets;
    if (kind == 0) {
        for (std::int64_t wide = 1; wide <= 40; wide += 3) {
            std::vector<std::int64_t> row{0};
            const std::int64_t step = (kAll - 4 * wide - 2) / (2 * wide * wide + 2);
            for (std::int64_t v = -wide; v <= wide; ++v) row.push_back(row.back() + 1 + (wide - (v < 0 ? -v : v)) * step);
            row.push_back(kAll);
            rows.push_back(row);
            offsets.push_back(-wide);
        }
    } else if (kind == 1) {
        for (const std::int64_t first : {std::int64_t{1}, std::int64_t{255}, std::int64_t{32768}, kAll - 1}) {
            rows.push_back({0, first, kAll});
            offsets.push_back(first == 1 ? 32767 - 1 : first == 255 ? -32767 : 0);
        }
        rows.push_back({0, kAll});  // nothing but the escape
        offsets.push_back(-3);
    } else {
        std::vector<std::int64_t> row;
        for (std::int64_t slot = 0; slot <= kAll; ++slot) {
            if (kind == 3 || slot < 300 || slot == kAll) row.push_back(slot);
        }
        offsets.push_back(kind == 3 ? -32767 : -150);
        rows.push_back(row);
        rows.push_back({0, 7, 300, kAll});
        offsets.push_back(-1);
    }
    std::size_t columns = 0;
    for (const auto& row : rows) columns = std::max(columns, row.size());
    std::vector<std::int64_t> cdf, lengths;
    for (auto& row : rows) {
        lengths.push_back(static_cast<std::int64_t>(row.size()));
        row.resize(columns, kAll);
        cdf.insert(cdf.end(), row.begin(), row.end());
    }
    return std::make_shared<Tables>(cdf.data(), rows.size(), columns, lengths.data(), offsets.data());
}

const std::shared_ptr<const Tables>& tables(std::size_t kind) {
    static const std::shared_ptr<const Tables> all[] = {make_tables(0), make_tables(1), make_tables(2)};
    return all[kind % 3];
}

// The symbols in a stream, read in parts of at most so many; nothing where it is none. An error comes again for ever.
std::optional<Symbols> decoded(const Stream& stream, const std::shared_ptr<const Tables>& tables,
                               const Indices& indices, std::size_t part) {
    Decoder decoder(stream.data(), stream.size(), tables);
    Symbols symbols(indices.size());
    try {
        for (std::size_t at = 0; at < indices.size(); at += part) {
            decoder.pull(indices.data() + at, std::min(part, indices.size() - at), symbols.data() + at);
        }
        decoder.finish();
        decoder.finish();
        return symbols;
    } catch (const rans::Error&) {
        bool forgotten = true;
        try {
            decoder.pull(indices.data(), indices.size(), symbols.data());
            decoder.finish();
        } catch (const rans::Error&) {
            forgotten = false;
        }
        CHECK(!forgotten);
        return std::nullopt;
    }
}

Stream encoded(const Symbols& symbols, const std::shared_ptr<const Tables>& tables, const Indices& indices) {
    Encoder encoder(tables);
    encoder.push(symbols.data(), indices.data(), symbols.size());
    return encoder.finish();
}

// The number of states of a stream.
int lanes(const Stream& stream) { return stream.empty() ? 0 : 1 << (stream[7] >> 6); }

void check(const Stream& stream, const std::shared_ptr<const Tables>& tables, const Indices& indices,
           std::size_t part) {
    const auto whole = decoded(stream, tables, indices, indices.size() + 1);
    CHECK(whole == decoded(stream, tables, indices, part));
    if (!whole) return;
    for (const std::int32_t symbol : *whole) CHECK(-32767 <= symbol && symbol <= 32767);
    const Stream again = encoded(*whole, tables, indices);
    CHECK(decoded(again, tables, indices, part) == whole);
    if (lanes(again) == lanes(stream)) CHECK(again == stream);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(data, size);
    const std::uint8_t mode = bytes.byte();
    const auto& chosen = tables(mode >> 1);
    const std::size_t part = 1 + bytes.below(40);
    Random random(bytes.word());
    if (mode & 1) {
        // Any bytes.
        Indices indices(bytes.below(kMostSymbols));
        for (auto& index : indices) index = static_cast<std::uint8_t>(below(random, chosen->size()));
        check(Stream(bytes.rest(), bytes.rest() + bytes.left()), chosen, indices, part);
        return 0;
    }
    // A valid stream of symbols that the input gives, as it is and then with some of its bytes changed.
    Bytes damage = bytes.part(bytes.below(24));
    Symbols symbols;
    Indices indices;
    while (!bytes.empty() && symbols.size() < kMostSymbols) {
        indices.push_back(static_cast<std::uint8_t>(below(random, chosen->size())));
        const auto narrow = static_cast<std::int8_t>(bytes.byte());
        symbols.push_back(narrow == -128 ? std::max<int>(-32767, static_cast<std::int16_t>(bytes.word())) : narrow);
    }
    Stream stream = encoded(symbols, chosen, indices);
    CHECK(decoded(stream, chosen, indices, part) == symbols);
    while (!damage.empty() && !stream.empty()) {
        const std::size_t place = damage.below(stream.size());
        const std::uint8_t change = damage.byte();
        if (change == 0) {
            stream.resize(place);
        } else {
            stream[place] = static_cast<std::uint8_t>(stream[place] ^ change);
        }
    }
    check(stream, chosen, indices, part);
    return 0;
}
