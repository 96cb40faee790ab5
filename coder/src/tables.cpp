#include <cmath>
#include <string>

#include "common.hpp"
#include "rans.hpp"

namespace rans {

namespace {

// ceil(2^power / divisor) by long division in base 2, for a quotient below 2^64.
std::uint64_t divide_up(unsigned power, std::uint64_t divisor) {
    std::uint64_t quotient = 0;
    std::uint64_t rest = 1;
    for (unsigned bit = 0; bit <= power; ++bit) {
        if (bit > 0) rest *= 2;
        const std::uint64_t digit = rest >= divisor ? 1 : 0;
        quotient = 2 * quotient + digit;
        rest -= digit * divisor;
    }
    return quotient + (rest > 0 ? 1 : 0);
}

[[noreturn]] void refuse(std::size_t row, const std::string& what) {
    throw std::invalid_argument("Table " + std::to_string(row) + ": " + what + ".");
}

}  // namespace

EncodeEntry make_encode_entry(std::uint32_t frequency, std::uint16_t start) {
    // Granlund and Montgomery: with 2^(s-1) < f <= 2^s and m = ceil(2^(62+s) / f), floor(x m / 2^(62+s)) = floor(x / f)
    // for every x < 2^62. As m < 2^63 the entry can hold 2m, and the product with 2x is to be shifted by 64 + s.
    const unsigned shift = frequency > 1 ? log2_floor(frequency - 1) + 1 : 0;
    return {2 * divide_up(kStateBits + shift, frequency), frequency, start, static_cast<std::uint16_t>(shift)};
}

Tables::Tables(const std::int64_t* cdf, std::size_t rows, std::size_t columns, const std::int64_t* lengths,
               const std::int64_t* offsets)
    : rows_(rows) {
    if (rows == 0 || rows > kMaxTables) throw std::invalid_argument("A coder takes 1 to 256 tables.");
    Lines known;
    for (std::size_t t = 0; t < rows; ++t) {
        const std::int64_t* row = cdf + t * columns;
        const std::int64_t length = lengths[t];
        // A row of 65536 symbols of frequency 1 has 65537 entries, and none has more.
        if (length < 2 || static_cast<std::uint64_t>(length) > columns || length > kScale + 1) {
            refuse(t, "its length is not within 2 and the width of the row");
        }
        if (row[0] != 0 || row[length - 1] != kScale)
            refuse(t, "its cumulative frequencies do not run from 0 to 65536");
        for (std::int64_t k = 1; k < length; ++k) {
            if (row[k] <= row[k - 1]) refuse(t, "a frequency is less than 1");
        }
        if (offsets[t] < -kMaxMagnitude || offsets[t] > kMaxMagnitude - (length - 3)) {
            refuse(t, "its values are not within -32767 and 32767");
        }
        add_row(t, row, length, offsets[t], known);
    }
}

void Tables::add_row(std::size_t t, const std::int64_t* cdf, std::int64_t length, std::int64_t offset, Lines& known) {
    Row& row = row_[t];
    row.first = static_cast<std::uint32_t>(encode_.size());
    row.escape = static_cast<std::uint32_t>(length - 2);
    row.offset = static_cast<std::int32_t>(offset);

    for (std::uint32_t k = 0; k <= row.escape; ++k) {
        const auto frequency = static_cast<std::uint32_t>(cdf[k + 1] - cdf[k]);
        const auto start = static_cast<std::uint16_t>(cdf[k]);

        const double bits = kScaleBits - std::log2(static_cast<double>(frequency));
        bits_.push_back(static_cast<float>(bits));
        costs_.push_back(static_cast<std::uint16_t>(bits * kCostUnit));

        encode_.push_back(make_encode_entry(frequency, start));
        const auto value = static_cast<std::int16_t>(k < row.escape ? offset + k : kEscape);
        decode_.push_back({frequency, start, value});
    }
    add_buckets(t, cdf, known);
}

void Tables::add_buckets(std::size_t t, const std::int64_t* cdf, Lines& known) {
    std::uint32_t symbol = 0;  // of the slot at hand
    std::vector<std::uint8_t> line(kBucketSize);
    for (std::uint32_t slot = 0; slot < kScale; slot += kBucketSize) {
        while (cdf[symbol + 1] <= slot) ++symbol;
        const std::uint32_t first = symbol;
        for (std::uint32_t s = 0; s < kBucketSize; ++s) {
            while (cdf[symbol + 1] <= slot + s) ++symbol;
            line[s] = static_cast<std::uint8_t>(symbol - first);
        }
        const auto [place, is_new] = known.try_emplace(line, static_cast<std::uint32_t>(lines_.size()));
        if (is_new) lines_.insert(lines_.end(), line.begin(), line.end());
        buckets_.push_back({row_[t].first + first, place->second});
    }
}

void Tables::check_indices(const std::uint8_t* indices, std::size_t count) const {
    std::uint8_t greatest = 0;
    for (std::size_t i = 0; i < count; ++i) greatest = indices[i] > greatest ? indices[i] : greatest;
    if (greatest >= rows_) {
        throw std::invalid_argument("Index " + std::to_string(greatest) + " names none of the " +
                                    std::to_string(rows_) + " tables.");
    }
}

void Tables::bits(const std::int32_t* symbols, const std::uint8_t* indices, std::size_t count, float* out) const {
    check_indices(indices, count);
    for (std::size_t i = 0; i < count; ++i) {
        const Row& row = row_[indices[i]];
        const std::uint32_t k = symbol_index(symbols[i], row.offset);
        if (k < row.escape) {
            out[i] = bits_[row.first + k];
        } else {
            const unsigned raw = kEscapeLengthBits + log2_floor(escape_code(symbols[i], row.offset, row.escape));
            out[i] = bits_[row.first + row.escape] + static_cast<float>(raw);
        }
    }
}

}  // namespace rans
