// What the fuzz targets share. A target takes any bytes and ends the process (CHECK, or a sanitizer) where something is
// not so. Clang's libFuzzer drives it (HPCM_FUZZ); replay.cpp runs it over files with any compiler.
//
//     cmake -S coder -B build/fuzz/native -DCMAKE_CXX_COMPILER=clang++ -DHPCM_MODULE=OFF -DHPCM_FUZZ=ON
//     cmake --build build/fuzz/native && build/fuzz/native/session_fuzz -max_total_time=60 tests/fuzz/corpus/session

#pragma once

#include <cstddef>
#include <cstdint>

#include "../check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// Numbers from the front of an input; zeros where it has ended.
class Bytes {
public:
    Bytes(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}

    std::uint8_t byte() { return at_ == end_ ? std::uint8_t{0} : *at_++; }
    std::uint16_t word() {
        const unsigned low = byte();
        return static_cast<std::uint16_t>(low | unsigned{byte()} << 8);
    }
    std::size_t below(std::size_t limit) { return word() % limit; }
    bool empty() const { return at_ == end_; }
    const std::uint8_t* rest() const { return at_; }
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    // The next so many bytes, or what is left of them.
    Bytes part(std::size_t size) {
        size = size < left() ? size : left();
        at_ += size;
        return {at_ - size, size};
    }

private:
    const std::uint8_t* at_;
    const std::uint8_t* end_;
};
