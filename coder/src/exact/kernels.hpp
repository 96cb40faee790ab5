// The layers of exact arithmetic on integers, as plain loops over memory. docs/exact-arithmetic.md says what they
// compute; hpcm_core/entropy/exact/reference.py says the same in tensors. Results are equal bit by bit on every
// instruction set, since no step rounds except where the specification does.
//
// Activations are int16, sums int64; tensors lie as positions x channels. kernels.cpp is compiled once for each
// instruction set, and every function works on a part of its job, so that the caller spreads it over threads.

#pragma once

#include <cstddef>
#include <cstdint>

namespace exact {

constexpr int kPanel = 32;       // output channels that are computed together
constexpr int kRows = 6;         // positions that are computed together
constexpr int kChunk = 1024;     // products that an int32 holds: 32639 * 64 * 1024 < 2^31
constexpr int kDigitBits = 7;    // weights are 128 * high + low
constexpr int kActivationMax = 32639;
constexpr int kPowerBits = 10;
constexpr int kFactorBits = 14;
constexpr int kOctaves = 16;
constexpr int kMaxTokens = 64;
constexpr int kMaxHead = 64;

// What is added to a sum, value by value; at most one pointer is set.
struct Addend {
    const std::int16_t* narrow = nullptr;
    const std::int64_t* wide = nullptr;
    int shift = 0;      // of the addend, to the left if positive
    int sum_shift = 0;  // of the sum
};

// A matrix product with all that follows it up to the block shift.
struct Linear {
    const std::int16_t* x = nullptr;        // positions x inputs
    const std::int16_t* weight = nullptr;   // as pack() leaves it
    const std::int64_t* bias = nullptr;     // outputs
    const std::int64_t* left = nullptr;     // outputs
    std::int64_t* out = nullptr;            // positions x outputs
    std::size_t positions = 0, inputs = 0, outputs = 0;
    bool leaky = false;
    Addend plus;

    std::size_t panels() const { return (outputs + kPanel - 1) / kPanel; }
};

struct Depthwise {
    const std::int16_t* x = nullptr;       // height x width x channels
    const std::int16_t* weight = nullptr;  // 9 x channels
    const std::int64_t* bias = nullptr;    // channels
    const std::int64_t* left = nullptr;    // channels
    std::int64_t* out = nullptr;
    std::size_t height = 0, width = 0, channels = 0;
};

struct Attention {
    const std::int16_t *q = nullptr, *k = nullptr, *v = nullptr;  // height x width x channels
    const std::int64_t* powers = nullptr;                         // 1024 entries of 2^(16 - i/1024)
    std::int64_t* out = nullptr;
    std::size_t height = 0, width = 0, channels = 0, heads = 0, window = 0;
    std::int64_t factor = 0;
    int shift = 0;  // right shift of below * factor to 1/1024 octaves; to the left if negative

    std::size_t tasks() const { return heads * (height / window) * (width / window); }
};

// One instruction set. Functions that make sums return their largest magnitude.
struct Kernels {
    const char* name;
    std::int64_t (*linear)(const Linear&, std::size_t first, std::size_t last, std::size_t panel);
    std::int64_t (*depthwise)(const Depthwise&, std::size_t first_row, std::size_t last_row);
    std::int64_t (*scale)(const std::int16_t* x, const std::int64_t* factors, std::size_t channels, std::int64_t* out,
                          std::size_t first, std::size_t last);
    std::int64_t (*place_narrow)(const std::int16_t* x, int shift, std::int64_t* out, std::size_t count);
    std::int64_t (*place_wide)(const std::int64_t* x, int shift, std::int64_t* out, std::size_t count);
    void (*round)(const std::int64_t* sums, int shift, std::int16_t* out, std::size_t count);
    void (*attend)(const Attention&, std::size_t task);
};

// Values in a packed matrix.
inline std::size_t packed_size(std::size_t outputs, std::size_t inputs) {
    return (outputs + kPanel - 1) / kPanel * inputs * kPanel * 2;
}

// Matrix of outputs x inputs (an even number) to panels: for every pair of inputs kPanel pairs of high digits, then
// kPanel pairs of low ones. Missing outputs are zero.
void pack(const std::int16_t* weight, std::size_t outputs, std::size_t inputs, std::int16_t* packed);

// The instruction sets that this machine has, best first; the last is portable.
const Kernels* const* available(std::size_t& count);

}  // namespace exact
