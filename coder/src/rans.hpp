// A range-variant ANS coder (rANS) for integer symbols with one probability table chosen per symbol.
//
// The stream, all integers little-endian
// --------------------------------------
// A stream of no symbols is 0 bytes. Any other stream is
//
//     N states of 64 bits, state 0 first        N = 1, 2, 4 or 8; log2 N in the top two bits of state 0
//     32-bit words in the order of reading      up to the end of the stream
//
// Symbol i belongs to state x = x[i mod N]. A state is kept in [2^30, 2^62), which leaves the two bits for N free.
// Probabilities are multiples of 1/65536: symbol k of a table holds the slots cdf[k] <= slot < cdf[k + 1]. To decode:
//
//     slot = x mod 65536;  k = the symbol that holds the slot
//     x    = (cdf[k + 1] - cdf[k]) * floor(x / 65536) + slot - cdf[k]
//     if x < 2^30: x = 2^32 x + next word
//
// Symbol k means the value k + offset, but the last symbol of a table is the escape: a value v outside of the table
// follows as raw bits. With w = v - offset and e = the index of the escape, it is the number
//
//     u = -2w - 1      where w < 0
//     u = 2(w - e)     where w >= e
//
// sent as b = floor(log2(u + 1)) in 5 bits (b <= 16) and then the lowest b bits of u + 1. Raw bits come from the same
// state: n bits are r = x mod 2^n, then x = floor(x / 2^n), and again a word is read if x < 2^30. A value beyond
// +-32767 is an error.
//
// After the last symbol every state must be 2^30 again and no word may be left; this is checked.
//
// Size
// ----
// A symbol costs -log2(frequency / 65536), an escape its raw bits in addition. Coding adds at most 2^-14 of that (a
// state is scaled by 65536 / frequency with an error of one in floor(x / frequency) >= 2^14, in proportion to what the
// frequency lacks of 65536) and 8 bytes a state. As the number of states follows the payload, a stream never exceeds
// the sum of its symbols' costs by more than 0.1 % and 8 bytes.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace rans {

inline constexpr std::size_t kMaxTables = 256;
inline constexpr std::int32_t kMaxMagnitude = 32767;  // of a symbol's value
inline constexpr std::size_t kMaxLanes = 8;           // states of a stream
inline constexpr std::uint32_t kBuckets = 256;        // of a table, see Bucket
inline constexpr std::uint32_t kBucketSize = 256;     // slots of a bucket

// The bytes are not a stream of the symbols that are asked for.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// x / frequency = mulhi(2x, reciprocal) >> shift, exact for x < 2^62.
struct EncodeEntry {
    std::uint64_t reciprocal;
    std::uint32_t frequency;
    std::uint16_t start;
    std::uint16_t shift;
};

EncodeEntry make_encode_entry(std::uint32_t frequency, std::uint16_t start);

struct DecodeEntry {
    std::uint32_t frequency;
    std::uint16_t start;
    std::int16_t value;  // kEscape for the escape
};

// The 65536 slots of a table are cut into 256 buckets of 256. A bucket knows the symbol of its first slot, and a line
// of 256 bytes that say how many symbols further on each of its slots lies. Equal lines are shared: nearly all buckets
// lie within one symbol or have one border, for which there are 256 lines. So any slot is resolved by two loads and no
// branch, from tables that are far smaller than 65536 entries each, and of which a decoder touches little.
struct Bucket {
    std::uint32_t entry;  // of the first slot's symbol, in Tables::decode_
    std::uint32_t line;   // where its line begins, in Tables::lines_
};

struct Lookup {
    const Bucket* buckets;
    const std::uint8_t* lines;
    const DecodeEntry* entries;

    // The symbol that holds a slot in a table.
    const DecodeEntry& find(std::size_t table, std::size_t slot) const noexcept {
        const Bucket bucket = buckets[table * kBuckets + slot / kBucketSize];
        return entries[bucket.entry + lines[bucket.line + slot % kBucketSize]];
    }
};

// The probability tables in the forms that encoding and decoding want. Immutable, and so shared between threads.
class Tables {
public:
    // `cdf` holds `rows` rows of `columns` entries. Row t uses its first lengths[t] entries, which rise strictly from 0
    // to 65536. Throws std::invalid_argument.
    Tables(const std::int64_t* cdf, std::size_t rows, std::size_t columns, const std::int64_t* lengths,
           const std::int64_t* offsets);

    std::size_t size() const noexcept { return rows_; }

    // The cost of each symbol in bits, raw bits of an escape included. Throws std::invalid_argument.
    void bits(const std::int32_t* symbols, const std::uint8_t* indices, std::size_t count, float* out) const;

private:
    friend class Encoder;
    friend class Decoder;

    // Throws std::invalid_argument where an index names no table.
    void check_indices(const std::uint8_t* indices, std::size_t count) const;
    Lookup lookup() const noexcept { return {buckets_.data(), lines_.data(), decode_.data()}; }

    // Where one table lies in the arrays below, all of which hold the tables back to back.
    struct Row {
        std::uint32_t first = 0;   // its symbol 0 in costs_, encode_ and decode_
        std::uint32_t escape = 0;  // index of its last symbol
        std::int32_t offset = 0;   // value of its symbol 0
    };

    // Positions in lines_ by content, while the tables are built.
    using Lines = std::map<std::vector<std::uint8_t>, std::uint32_t>;

    void add_row(std::size_t t, const std::int64_t* cdf, std::int64_t length, std::int64_t offset, Lines& known);
    void add_buckets(std::size_t t, const std::int64_t* cdf, Lines& known);

    std::size_t rows_ = 0;
    std::array<Row, kMaxTables> row_{};
    std::vector<float> bits_;
    std::vector<std::uint16_t> costs_;  // bits, rounded down to 1/kCostUnit
    std::vector<EncodeEntry> encode_;
    std::vector<DecodeEntry> decode_;
    std::vector<Bucket> buckets_;  // 256 of each table
    std::vector<std::uint8_t> lines_;
};

// Collects symbols and writes them as one stream. Not for two threads at a time.
class Encoder {
public:
    explicit Encoder(std::shared_ptr<const Tables> tables);

    // Throws std::invalid_argument and then takes none of the symbols.
    void push(const std::int32_t* symbols, const std::uint8_t* indices, std::size_t count);

    // Ends the stream. Throws std::logic_error if it has ended already, as push() does.
    std::vector<std::uint8_t> finish();

private:
    // The symbols of one push as positions in Tables::encode_; kEscapeFlag marks an escape.
    struct Chunk {
        std::unique_ptr<std::uint32_t[]> entries;
        std::size_t count;
    };

    void append(const std::int32_t* symbols, const std::uint8_t* indices, std::size_t count);
    template <std::size_t N>
    std::vector<std::uint8_t> write() const;

    std::shared_ptr<const Tables> tables_;
    std::vector<Chunk> chunks_;
    std::vector<std::uint32_t> escapes_;  // u + 1 of each escape, in order
    std::uint64_t count_ = 0;
    std::uint64_t cost_ = 0;  // sum of Tables::costs_
    bool finished_ = false;
};

// Reads a stream back. `data` must outlive the decoder. Not for two threads at a time.
class Decoder {
public:
    Decoder(const std::uint8_t* data, std::size_t size, std::shared_ptr<const Tables> tables);

    // Reads the next symbols. Throws std::invalid_argument for an index without a table and then reads nothing; throws
    // Error for damaged bytes, and from then on always.
    void pull(const std::uint8_t* indices, std::size_t count, std::int32_t* symbols);

    // Checks that the stream ends here. Throws Error.
    void finish();

private:
    template <std::size_t N>
    void pull_lanes(const std::uint8_t* indices, std::size_t count, std::int32_t* symbols);
    template <std::size_t N>
    std::size_t pull_rounds(const std::uint8_t* indices, std::size_t count, std::int32_t* symbols);
    std::int32_t pull_one(std::uint8_t index);
    std::int32_t pull_escape(std::uint64_t& x, const Tables::Row& row);
    std::uint32_t pull_raw(std::uint64_t& x, unsigned bits);
    void refill(std::uint64_t& x);
    void check() const;
    [[noreturn]] void fail(const char* reason);

    std::shared_ptr<const Tables> tables_;
    const std::uint8_t* next_;
    const std::uint8_t* end_;
    std::uint64_t lanes_[kMaxLanes] = {};
    std::size_t lane_count_ = 0;  // 0: a stream of no symbols
    std::size_t lane_ = 0;        // of the next symbol
    const char* error_ = nullptr;
};

}  // namespace rans
