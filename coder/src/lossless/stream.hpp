// The stream of a tile: one state of a rANS coder with a total of 2^18, words, and the CRC-32 of the samples; above the
// state a bit says whether the three colours of every pixel are equal (docs/exact-arithmetic-3.md).

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mixture.hpp"

namespace lossless {

// Intervals in coding order to bytes. None is empty.
std::vector<std::uint8_t> write_stream(const std::vector<Interval>& intervals, bool equal, std::uint32_t crc);

// Reads within its bytes, whatever they hold; throws std::invalid_argument where they are no stream.
class Reader {
public:
    // colours: of three samples a pixel, which alone can be equal.
    Reader(const std::uint8_t* data, std::size_t size, bool colours);

    bool equal() const { return equal_; }
    std::uint32_t slot() const { return static_cast<std::uint32_t>(x_ & ((1U << kTotalBits) - 1)); }
    // On to the next slot: the interval is the one of the last.
    void take(const Interval& interval);
    // After the last: nothing may be left, and the CRC-32 must be this one.
    void finish(std::uint32_t crc) const;

private:
    const std::uint8_t *at_, *end_;
    std::uint64_t x_;
    bool equal_;
    std::uint32_t crc_;
};

}  // namespace lossless
