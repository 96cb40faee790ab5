#include <cstring>
#include <utility>

#include "common.hpp"
#include "rans.hpp"

namespace rans {

namespace {

// Makes room: moves the low word of a state to the stream, which grows downwards.
inline void spill(std::uint64_t& x, std::uint8_t*& head) noexcept {
    head -= kWordBytes;
    store32(head, static_cast<std::uint32_t>(x));
    x >>= kWordBits;
}

inline void put_symbol(std::uint64_t& x, const EncodeEntry& e, std::uint8_t*& head) noexcept {
    if (x >> (kStateBits - kScaleBits) >= e.frequency) spill(x, head);
    x += e.start + quotient(x, e) * (kScale - e.frequency);  // = quotient * 65536 + x mod frequency + start
}

inline void put_raw(std::uint64_t& x, std::uint32_t value, unsigned bits, std::uint8_t*& head) noexcept {
    if (x >> (kStateBits - bits) != 0) spill(x, head);
    x = x << bits | value;
}

inline void put_escape(std::uint64_t& x, std::uint32_t code, std::uint8_t*& head) noexcept {
    const unsigned bits = log2_floor(code);
    put_raw(x, code - (1U << bits), bits, head);
    put_raw(x, bits, kEscapeLengthBits, head);
}

// Writes rounds of N symbols from the end of `entries`, as far as there are any, and stops before an escape. Returns
// how many symbols are left.
template <std::size_t N>
std::size_t put_rounds(std::uint64_t (&lanes)[N], const EncodeEntry* table, const std::uint32_t* entries,
                       std::size_t left, std::uint8_t*& head) noexcept {
    std::uint64_t x[N];  // copies, so that they may live in registers
    std::memcpy(x, lanes, sizeof x);
    std::uint8_t* p = head;
    while (left >= N) {
        const std::uint32_t* const round = entries + (left - N);
        const std::size_t done = unrolled<N>([&](auto step) {
            constexpr std::size_t lane = N - 1 - decltype(step)::value;
            const std::uint32_t entry = round[lane];
            if (entry & kEscapeFlag) return false;
            put_symbol(x[lane], table[entry], p);
            return true;
        });
        left -= done;
        if (done != N) break;
    }
    std::memcpy(lanes, x, sizeof x);
    head = p;
    return left;
}

}  // namespace

Encoder::Encoder(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}

void Encoder::push(const std::int32_t* symbols, const std::uint8_t* indices, std::size_t count) {
    if (finished_) throw std::logic_error("The stream is finished.");
    tables_->check_indices(indices, count);
    const std::size_t escapes_before = escapes_.size();
    try {
        append(symbols, indices, count);
    } catch (...) {
        escapes_.resize(escapes_before);
        throw;
    }
}

void Encoder::append(const std::int32_t* symbols, const std::uint8_t* indices, std::size_t count) {
    const Tables::Row* const rows = tables_->row_.data();
    const std::uint16_t* const costs = tables_->costs_.data();
    Chunk chunk{std::unique_ptr<std::uint32_t[]>(new std::uint32_t[count]), count};
    std::uint32_t* const entries = chunk.entries.get();
    std::uint64_t cost = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Tables::Row& row = rows[indices[i]];
        const std::uint32_t k = symbol_index(symbols[i], row.offset);
        std::uint32_t entry = row.first + k;
        if (k >= row.escape) {
            const std::uint32_t code = escape_code(symbols[i], row.offset, row.escape);
            escapes_.push_back(code);
            cost += (kEscapeLengthBits + log2_floor(code)) * kCostUnit;
            entry = row.first + row.escape;
            entries[i] = entry | kEscapeFlag;
        } else {
            entries[i] = entry;
        }
        cost += costs[entry];
    }
    chunks_.push_back(std::move(chunk));
    count_ += count;
    cost_ += cost;
}

template <std::size_t N>
std::vector<std::uint8_t> Encoder::write() const {
    // Words hold no more than the symbols' costs and 2^-14 of them; cost_ lacks less than a unit a symbol.
    const std::uint64_t bits = (cost_ + count_) / kCostUnit + 1;
    const auto words = static_cast<std::size_t>((bits + bits / 1000) / kWordBits + 2);
    std::vector<std::uint8_t> stream(words * kWordBytes + N * kStateBytes);
    std::uint8_t* head = stream.data() + stream.size();

    const EncodeEntry* const table = tables_->encode_.data();
    std::uint64_t lanes[N];
    for (std::uint64_t& x : lanes) x = kLower;
    std::uint64_t position = count_;  // one past the symbol to write
    auto escape = escapes_.rbegin();
    for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
        const std::uint32_t* const entries = chunk->entries.get();
        std::size_t left = chunk->count;
        while (left > 0) {
            if (position % N == 0) {
                const std::size_t before = left;
                left = put_rounds<N>(lanes, table, entries, left, head);
                position -= before - left;
                if (left == 0) break;
            }
            // What does not fill a round, and escapes.
            const std::uint32_t entry = entries[--left];
            std::uint64_t& x = lanes[--position % N];
            if (entry & kEscapeFlag) put_escape(x, *escape++, head);
            put_symbol(x, table[entry & ~kEscapeFlag], head);
        }
    }

    head -= N * kStateBytes;
    lanes[0] |= std::uint64_t{log2_floor(N)} << kStateBits;
    for (std::size_t j = 0; j < N; ++j) store64(head + j * kStateBytes, lanes[j]);
    stream.erase(stream.begin(), stream.begin() + (head - stream.data()));
    return stream;
}

std::vector<std::uint8_t> Encoder::finish() {
    if (finished_) throw std::logic_error("The stream is finished.");
    std::vector<std::uint8_t> stream;
    if (count_ > 0) {
        switch (lanes_for(cost_ / kCostUnit)) {
            case 8:
                stream = write<8>();
                break;
            case 4:
                stream = write<4>();
                break;
            case 2:
                stream = write<2>();
                break;
            default:
                stream = write<1>();
        }
    }
    finished_ = true;
    chunks_.clear();
    escapes_.clear();
    return stream;
}

}  // namespace rans
