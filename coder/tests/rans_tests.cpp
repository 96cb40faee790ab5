// Tests of the coder itself, meant to be run under AddressSanitizer and UndefinedBehaviorSanitizer:
//
//     cmake -S coder -B build/rans -DHPCM_MODULE=OFF -DHPCM_TESTS=ON -DHPCM_SANITIZE=ON
//     cmake --build build/rans && build/rans/rans_tests

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "check.hpp"
#include "common.hpp"
#include "rans.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;
using Symbols = std::vector<std::int32_t>;
using Shared = std::shared_ptr<const rans::Tables>;

template <class Exception>
bool throws(const std::function<void()>& call) {
    try {
        call();
    } catch (const Exception&) {
        return true;
    }
    return false;
}

// Frequencies that fall off to both sides of the middle at a rate of their own; the escape has the rest.
std::vector<std::int64_t> bell(std::size_t symbols, double scale) {
    std::vector<std::int64_t> cdf(symbols + 1);
    std::vector<double> weight(symbols);
    for (std::size_t k = 0; k < symbols; ++k) {
        const double distance = std::abs(static_cast<double>(k) - static_cast<double>(symbols / 2));
        weight[k] = k + 1 < symbols ? std::exp(-distance / scale) : 0;
    }
    const double sum = std::accumulate(weight.begin(), weight.end(), 1e-9);
    double run = 0;
    for (std::size_t k = 0; k < symbols; ++k) {
        cdf[k] =
            static_cast<std::int64_t>(run / sum * static_cast<double>(65536 - symbols)) + static_cast<std::int64_t>(k);
        run += weight[k];
    }
    cdf[symbols] = 65536;
    return cdf;
}

Shared make(const std::vector<std::vector<std::int64_t>>& rows, std::int64_t offset) {
    std::size_t columns = 0;
    for (const auto& row : rows) columns = std::max(columns, row.size());
    std::vector<std::int64_t> cdf(rows.size() * columns, 0);
    std::vector<std::int64_t> lengths;
    for (std::size_t t = 0; t < rows.size(); ++t) {
        std::copy(rows[t].begin(), rows[t].end(), cdf.begin() + static_cast<std::ptrdiff_t>(t * columns));
        lengths.push_back(static_cast<std::int64_t>(rows[t].size()));
    }
    const std::vector<std::int64_t> offsets(rows.size(), offset);
    return std::make_shared<rans::Tables>(cdf.data(), rows.size(), columns, lengths.data(), offsets.data());
}

Shared mixed_tables() {
    std::vector<std::vector<std::int64_t>> rows;
    for (std::size_t t = 0; t < 30; ++t) rows.push_back(bell(3 + 11 * t, 0.1 * static_cast<double>(t * t) + 0.05));
    rows.push_back({0, 65536});         // the escape alone
    rows.push_back({0, 65535, 65536});  // costs next to nothing
    rows.push_back({0, 1, 65536});
    return make(rows, -2);
}

struct Sample {
    Symbols symbols;
    Bytes indices;
    std::size_t size() const { return symbols.size(); }
};

// `spread` is how far from the middle of things a value may be; a wide one makes nearly every symbol an escape.
Sample sample(Random& random, std::size_t tables, std::size_t count, std::int32_t spread) {
    Sample s;
    for (std::size_t i = 0; i < count; ++i) {
        s.symbols.push_back(static_cast<std::int32_t>(below(random, static_cast<std::size_t>(2 * spread + 1))) -
                            spread);
        s.indices.push_back(static_cast<std::uint8_t>(below(random, tables)));
    }
    return s;
}

Bytes encode(const Shared& tables, const Sample& s, Random& random) {
    rans::Encoder encoder(tables);
    for (std::size_t i = 0; i < s.size();) {
        const std::size_t n = std::min(s.size() - i, below(random, 1000) == 0 ? s.size() : below(random, 100));
        encoder.push(s.symbols.data() + i, s.indices.data() + i, n);
        i += n;
    }
    return encoder.finish();
}

// The bytes lie in an allocation of their very size, so that a read beyond them is seen.
Symbols decode(const Shared& tables, const Bytes& bytes, const Bytes& indices, Random& random) {
    const std::unique_ptr<std::uint8_t[]> copy(new std::uint8_t[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), copy.get());
    rans::Decoder decoder(copy.get(), bytes.size(), tables);
    Symbols symbols(indices.size());
    for (std::size_t i = 0; i < indices.size();) {
        const std::size_t n =
            std::min(indices.size() - i, below(random, 100) == 0 ? indices.size() : below(random, 300));
        decoder.pull(indices.data() + i, n, symbols.data() + i);
        i += n;
    }
    decoder.finish();
    return symbols;
}

void round_trip(const Shared& tables, const Sample& s, Random& random) {
    const Bytes bytes = encode(tables, s, random);
    CHECK(decode(tables, bytes, s.indices, random) == s.symbols);
    std::vector<float> bits(s.size());
    tables->bits(s.symbols.data(), s.indices.data(), s.size(), bits.data());
    const double payload = std::accumulate(bits.begin(), bits.end(), 0.0) / 8;
    CHECK(static_cast<double>(bytes.size()) <= payload * 1.001 + 8);
    CHECK(bytes.empty() == (s.size() == 0));
}

void test_products() {
    Random random(0);
    for (int i = 0; i < 100000; ++i) {
        const std::uint64_t a = random() >> below(random, 64), b = ~std::uint64_t{0} - (random() >> below(random, 64));
        CHECK(rans::mul_high(a, b) == rans::mul_high_portable(a, b));
    }
}

void test_division() {
    Random random(1);
    for (std::uint32_t f = 1; f <= rans::kScale; ++f) {
        const rans::EncodeEntry e = rans::make_encode_entry(f, 0);
        const std::uint64_t limit = std::uint64_t{1} << rans::kStateBits;
        for (int i = 0; i < 8; ++i) {
            const std::uint64_t x = random() % limit;
            const std::uint64_t multiple =
                std::min(x - x % f + f, limit - f);  // and its neighbours: where errors would be
            for (const std::uint64_t y : {x, multiple, multiple - 1, multiple + f - 1, limit - 1, limit - 1 - x % f}) {
                CHECK(rans::quotient(y, e) == y / f);
            }
        }
    }
}

void test_round_trips() {
    Random random(2);
    const Shared tables = mixed_tables();
    for (const std::int32_t spread : {0, 1, 4, 300, 32767}) {
        for (const std::size_t count : {0U, 1U, 2U, 3U, 7U, 8U, 9U, 17U, 1000U, 70000U}) {
            round_trip(tables, sample(random, tables->size(), count, spread), random);
        }
    }
}

void test_extremes() {
    Random random(3);
    // 65536 symbols of frequency 1: their values fill the whole range, and none is left for the escape.
    std::vector<std::int64_t> flat(65537);
    std::iota(flat.begin(), flat.end(), 0);
    round_trip(make({flat}, -32767), sample(random, 1, 30000, 32767), random);
    CHECK(throws<std::invalid_argument>([&] { make({flat}, -32766); }));

    // 256 tables without a bucket of one symbol: as many lines as there can be.
    std::vector<std::int64_t> mixed{0};
    for (std::int64_t slot = 128; slot < 65536; slot += 256) mixed.push_back(slot);
    mixed.push_back(65536);
    round_trip(make(std::vector<std::vector<std::int64_t>>(256, mixed), -128), sample(random, 256, 30000, 150), random);
}

void test_refusals() {
    using Invalid = std::invalid_argument;
    CHECK(throws<Invalid>([] { make({}, 0); }));
    CHECK(throws<Invalid>([] { make(std::vector<std::vector<std::int64_t>>(257, {0, 5, 65536}), 0); }));
    CHECK(throws<Invalid>([] { make({{0}}, 0); }));
    CHECK(throws<Invalid>([] { make({{0, 5, 5, 65536}}, 0); }));
    CHECK(throws<Invalid>([] { make({{0, 6, 5, 65536}}, 0); }));
    CHECK(throws<Invalid>([] { make({{1, 5, 65536}}, 0); }));
    CHECK(throws<Invalid>([] { make({{0, 5, 65535}}, 0); }));
    CHECK(throws<Invalid>([] { make({{0, 5, 65536}}, 32768); }));
    CHECK(throws<Invalid>([] { make({{0, 5, 65536}}, -32768); }));
    make({{0, 5, 65536}}, 32767);

    const Shared tables = make({{0, 60000, 65536}}, 0);
    rans::Encoder encoder(tables);
    const Symbols symbols{0, 32768, -32768, 0};
    const Bytes indices{0, 0, 0, 1};
    for (const std::size_t i : {1U, 2U, 3U}) {
        CHECK(throws<Invalid>([&] { encoder.push(symbols.data() + i, indices.data() + i, 1); }));
    }
    CHECK(encoder.finish().empty());
    CHECK(throws<std::logic_error>([&] { encoder.finish(); }));
    CHECK(throws<std::logic_error>([&] { encoder.push(symbols.data(), indices.data(), 1); }));

    rans::Decoder decoder(nullptr, 0, tables);
    std::int32_t out = 0;
    CHECK(throws<Invalid>([&] { decoder.pull(indices.data() + 3, 1, &out); }));
    decoder.finish();
    CHECK(throws<rans::Error>([&] { decoder.pull(indices.data(), 1, &out); }));
    CHECK(throws<rans::Error>([&] { decoder.finish(); }));
}

void damage(Bytes& bytes, Random& random) {
    switch (below(random, 5)) {
        case 0:
            bytes.resize(below(random, bytes.size() + 1));
            break;
        case 1:
            bytes.resize(bytes.size() - std::min(bytes.size(), 4 * (1 + below(random, 4))));
            break;
        case 2:
            for (std::size_t n = 4 * (1 + below(random, 20)); n > 0; --n)
                bytes.push_back(static_cast<std::uint8_t>(random()));
            break;
        case 3:
            for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random());
            break;
        default:
            for (std::size_t n = 1 + below(random, 4); n > 0 && !bytes.empty(); --n) {
                bytes[below(random, bytes.size())] ^= static_cast<std::uint8_t>(1U << below(random, 8));
            }
    }
}

// Here the only state begins with an escape's length and value, as the symbol itself takes no room.
void test_impossible_escapes() {
    const Shared tables = make({{0, 65536}}, 1);
    const auto value = [&](std::uint64_t length, std::uint64_t bits) {
        Bytes bytes(12);
        rans::store64(bytes.data(), std::uint64_t{1} << 61 | bits << 5 | length);
        const std::uint8_t index = 0;
        std::int32_t symbol = 0;
        rans::Decoder(bytes.data(), bytes.size(), tables).pull(&index, 1, &symbol);
        return symbol;
    };
    CHECK(value(3, 6) == 1 - 7);
    CHECK(value(3, 7) == 1 + 7);
    CHECK(value(15, 0x7FFD) == 1 + 32766);
    CHECK(value(16, 0) == 1 - 32768);
    for (const std::uint64_t bits : {0x7FFFULL, 0x8000FFFFULL, 0xFFFFFFFFULL}) {
        for (std::uint64_t length = bits == 0x7FFFULL ? 15 : 16; length < 32; ++length) {
            CHECK(throws<rans::Error>([&] { value(length, bits); }));
        }
    }
}

// Whatever the bytes, decoding ends with an error, or with symbols that are coded by these very bytes.
void test_damage(int rounds) {
    const Shared tables = mixed_tables();
    for (int round = 0; round < rounds; ++round) {
        Random random(static_cast<std::uint64_t>(round));
        const std::int32_t spread = static_cast<std::int32_t>(1 + below(random, below(random, 3) == 0 ? 30000 : 5));
        const Sample s = sample(random, tables->size(), below(random, round % 50 == 0 ? 60000 : 2000), spread);
        const Bytes intact = encode(tables, s, random);
        Bytes bytes = intact;
        damage(bytes, random);
        try {
            Sample seen{decode(tables, bytes, s.indices, random), s.indices};
            CHECK(bytes == intact ? seen.symbols == s.symbols : seen.symbols != s.symbols);
        } catch (const rans::Error&) {
            CHECK(bytes != intact);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    test_products();
    test_division();
    test_round_trips();
    test_extremes();
    test_refusals();
    test_impossible_escapes();
    test_damage(argc > 1 ? std::atoi(argv[1]) : 10000);
    std::puts("All tests passed.");
    return 0;
}
