#include "stream.hpp"

#include <stdexcept>

#include "common.hpp"

namespace lossless {

namespace {

using rans::kLower;
using rans::kStateBits;
using rans::kStateBytes;
using rans::kWordBits;
using rans::kWordBytes;
using rans::load32;
using rans::load64;
using rans::store32;
using rans::store64;

constexpr std::size_t kCrcBytes = 4;
constexpr std::uint64_t kEqual = std::uint64_t{1} << 63;

[[noreturn]] void damaged() { throw std::invalid_argument("The stream is damaged."); }

}  // namespace

std::vector<std::uint8_t> write_stream(const std::vector<Interval>& intervals, bool equal, std::uint32_t crc) {
    std::vector<std::uint32_t> words;  // the last first
    std::uint64_t x = kLower;
    for (auto each = intervals.rbegin(); each != intervals.rend(); ++each) {
        if (x >= std::uint64_t{each->count} << (kStateBits - kTotalBits)) {
            words.push_back(static_cast<std::uint32_t>(x));
            x >>= kWordBits;
        }
        x = (x / each->count << kTotalBits) + each->start + x % each->count;
    }
    std::vector<std::uint8_t> bytes(kStateBytes + words.size() * kWordBytes + kCrcBytes);
    std::uint8_t* at = bytes.data();
    store64(at, equal ? x | kEqual : x);
    at += kStateBytes;
    for (auto word = words.rbegin(); word != words.rend(); ++word, at += kWordBytes) store32(at, *word);
    store32(at, crc);
    return bytes;
}

Reader::Reader(const std::uint8_t* data, std::size_t size, bool colours) {
    if (size < kStateBytes + kCrcBytes || (size - kStateBytes - kCrcBytes) % kWordBytes != 0) damaged();
    at_ = data + kStateBytes;
    end_ = data + size - kCrcBytes;
    x_ = load64(data) & ~kEqual;
    equal_ = (load64(data) & kEqual) != 0;
    crc_ = load32(end_);
    if (x_ < kLower || x_ >> kStateBits != 0 || (equal_ && !colours)) damaged();
}

void Reader::take(const Interval& interval) {
    x_ = interval.count * (x_ >> kTotalBits) + slot() - interval.start;
    if (x_ >= kLower) return;
    if (at_ == end_) damaged();
    x_ = x_ << kWordBits | load32(at_);
    at_ += kWordBytes;
}

void Reader::finish(std::uint32_t crc) const {
    if (x_ != kLower || at_ != end_ || crc != crc_) damaged();
}

}  // namespace lossless
