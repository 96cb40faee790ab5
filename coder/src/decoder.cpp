#include <cstring>
#include <utility>

#include "common.hpp"
#include "rans.hpp"

namespace rans {

namespace {

inline std::uint64_t advance(std::uint64_t x, const DecodeEntry& e) noexcept {
    return e.frequency * (x >> kScaleBits) + (x & (kScale - 1)) - e.start;
}

}  // namespace

Decoder::Decoder(const std::uint8_t* data, std::size_t size, std::shared_ptr<const Tables> tables)
    : tables_(std::move(tables)), next_(data), end_(data + size) {
    if (size == 0) return;
    if (size < kStateBytes || size % kWordBytes != 0) {
        error_ = "The stream has an impossible length.";
        return;
    }
    lane_count_ = std::size_t{1} << (load64(data) >> kStateBits);
    if (size < lane_count_ * kStateBytes) {
        error_ = "The stream ends within its first states.";
        return;
    }
    for (std::size_t j = 0; j < lane_count_; ++j, next_ += kStateBytes) {
        lanes_[j] = load64(next_);
        if (j == 0) lanes_[j] &= (std::uint64_t{1} << kStateBits) - 1;
        if (lanes_[j] < kLower || lanes_[j] >> kStateBits != 0) error_ = "The stream begins with an impossible state.";
    }
}

void Decoder::pull(const std::uint8_t* indices, std::size_t count, std::int32_t* symbols) {
    check();
    tables_->check_indices(indices, count);
    switch (lane_count_) {
        case 8:
            return pull_lanes<8>(indices, count, symbols);
        case 4:
            return pull_lanes<4>(indices, count, symbols);
        case 2:
            return pull_lanes<2>(indices, count, symbols);
        case 1:
            return pull_lanes<1>(indices, count, symbols);
        default:
            if (count > 0) fail(kTooShort);
    }
}

void Decoder::finish() {
    check();
    if (next_ != end_) fail("The stream is longer than its symbols.");
    for (std::size_t j = 0; j < lane_count_; ++j) {
        if (lanes_[j] != kLower) fail("The stream does not end where its symbols do.");
    }
}

template <std::size_t N>
void Decoder::pull_lanes(const std::uint8_t* indices, std::size_t count, std::int32_t* symbols) {
    std::size_t i = 0;
    while (i < count) {
        if (lane_ == 0) {
            i += pull_rounds<N>(indices + i, count - i, symbols + i);
            if (i == count) break;
        }
        // What does not fill a round, or was left by it.
        symbols[i] = pull_one(indices[i]);
        ++i;
        lane_ = (lane_ + 1) % N;
    }
}

// Reads rounds of N symbols, as far as there are any. Returns how many symbols it read: it stops before an escape, and
// before a symbol that needs a word where there is none, and leaves these to pull_one.
template <std::size_t N>
std::size_t Decoder::pull_rounds(const std::uint8_t* indices, std::size_t count, std::int32_t* symbols) {
    const Lookup lookup = tables_->lookup();
    std::uint64_t x[N];  // copies, so that they may live in registers
    std::memcpy(x, lanes_, sizeof x);
    const std::uint8_t* p = next_;
    const std::uint8_t* const end = end_;
    std::size_t i = 0;
    while (count - i >= N) {
        const std::size_t done = unrolled<N>([&](auto lane_constant) {
            constexpr std::size_t lane = decltype(lane_constant)::value;
            const DecodeEntry e = lookup.find(indices[i + lane], x[lane] & (kScale - 1));
            if (e.value == kEscape) return false;
            symbols[i + lane] = e.value;
            std::uint64_t next = advance(x[lane], e);
            if (next < kLower) {  // rare enough for a branch: a word is 32 bits of symbols
                if (p == end) return false;
                next = next << kWordBits | load32(p);
                p += kWordBytes;
            }
            x[lane] = next;
            return true;
        });
        i += done;
        if (done != N) {
            lane_ = done;
            break;
        }
    }
    std::memcpy(lanes_, x, sizeof x);
    next_ = p;
    return i;
}

std::int32_t Decoder::pull_one(std::uint8_t index) {
    std::uint64_t& x = lanes_[lane_];
    const DecodeEntry& e = tables_->lookup().find(index, x & (kScale - 1));
    x = advance(x, e);
    refill(x);
    return e.value == kEscape ? pull_escape(x, tables_->row_[index]) : e.value;
}

std::int32_t Decoder::pull_escape(std::uint64_t& x, const Tables::Row& row) {
    const std::uint32_t bits = pull_raw(x, kEscapeLengthBits);
    if (bits > kEscapeMaxLength) fail(kBadEscape);
    const std::uint32_t code = 1U << bits | pull_raw(x, bits);
    // code < 2^17 and the escape's index <= 65535: nothing overflows.
    const auto half = static_cast<std::int32_t>(code / 2);
    const std::int32_t w = code % 2 == 0 ? -half : half + static_cast<std::int32_t>(row.escape);
    const std::int32_t value = w + row.offset;
    if (value < -kMaxMagnitude || value > kMaxMagnitude) fail(kBadEscape);
    return value;
}

std::uint32_t Decoder::pull_raw(std::uint64_t& x, unsigned bits) {
    const auto value = static_cast<std::uint32_t>(x & ((std::uint64_t{1} << bits) - 1));
    x >>= bits;
    refill(x);
    return value;
}

void Decoder::refill(std::uint64_t& x) {
    if (x >= kLower) return;
    if (next_ == end_) fail(kTooShort);
    x = x << kWordBits | load32(next_);
    next_ += kWordBytes;
}

void Decoder::check() const {
    if (error_ != nullptr) throw Error(error_);
}

void Decoder::fail(const char* reason) {
    error_ = reason;
    throw Error(reason);
}

}  // namespace rans
