// The operations of arithmetic profile 2 on flattened positions. docs/exact-arithmetic-2.md says what they compute;
// hpcm_core/integer/reference.py says the same in arrays. All is integers and no sum leaves 32 bits (whoever makes a
// matrix checks that), so results are equal on every instruction set, whatever the order and the number of threads.
//
// Features are int16 and lie as positions x channels; positions follow one another at a fixed stride, which may be
// wider than the channels. kernels.cpp is compiled once for each instruction set. Every operation works on a part of
// its positions, with scratch that the caller keeps for its thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace integer {

constexpr std::size_t kPanel = 32;  // output channels whose weights lie together
constexpr std::size_t kChunk = 48;  // positions that are taken through a whole block at once
constexpr std::size_t kSideMax = 16;  // of a convolution's kernel

// clamp((sum + bias) >> shift, low, high), then LeakyReLU: bias has the half that rounds already in it.
struct Matrix {
    std::size_t inputs = 0, outputs = 0;
    std::vector<std::int16_t> weight;  // panels of (pairs of inputs) x kPanel x 2, as pack() leaves them
    std::vector<std::int32_t> bias, shift;  // outputs, rounded up to panels
    std::int16_t low = 0, high = 0;
    bool leaky = false;

    std::size_t pairs() const { return (inputs + 1) / 2; }
    std::size_t panels() const { return (outputs + kPanel - 1) / kPanel; }
    std::size_t padded() const { return panels() * kPanel; }
};

// The same for a 3x3 convolution of each channel by itself.
struct Depthwise {
    std::size_t channels = 0;
    std::vector<std::int16_t> weight;  // 9 x channels
    std::vector<std::int32_t> bias, shift;
    std::int16_t low = 0, high = 0;
};

// A factor a channel: clamp((factor x + bias) >> shift), bias being the half that rounds.
struct Scale {
    std::vector<std::int16_t> factor;
    std::vector<std::int32_t> bias, shift;
    std::int16_t low = 0, high = 0;
};

// A tensor of height x width positions.
template <class T>
struct View {
    T* at = nullptr;
    std::size_t height = 0, width = 0, channels = 0;
    std::size_t stride = 0;  // values from one position to the next
    std::size_t skip = 0;  // of an output: positions that a kernel counts before the one at `at`

    std::size_t positions() const { return height * width; }
};
using In = View<const std::int16_t>;
using Out = View<std::int16_t>;

struct PartialBlock {
    const Matrix *conv, *expand, *reduce;
};
struct DepthwiseBlock {
    const Depthwise* conv;
    const Matrix *expand, *reduce;
};

// What one thread works in; grows as needed.
struct Scratch {
    std::vector<std::int16_t> gathered, joined, hidden;
};

// A buffer of Scratch, with room for so many values. Not a part of kernels.cpp, since a function of the standard library
// that is compiled there for one instruction set may be the one that all others get too.
std::int16_t* room(std::vector<std::int16_t>& buffer, std::size_t values);

// Positions [first, last) of the output (of the input for spread), at most kChunk of them. Of partial_block alone the
// output may begin later than the input (View::skip).
struct Kernels {
    const char* name;
    void (*patches)(const In& x, std::size_t side, const Matrix& matrix, const Out& out, std::size_t first,
                    std::size_t last, Scratch& scratch);
    void (*spread)(const In& x, std::size_t side, const Matrix& matrix, const Out& out, std::size_t first,
                   std::size_t last, Scratch& scratch);
    void (*partial_block)(const In& x, const PartialBlock& block, const Out& out, std::size_t first, std::size_t last,
                          Scratch& scratch);
    void (*depthwise_block)(const In& x, const DepthwiseBlock& block, const Out& out, std::size_t first,
                            std::size_t last, Scratch& scratch);
    // `count` positions, one behind the other, in place.
    void (*scale)(const Scale& scale, std::int16_t* x, std::size_t count);
};

// Those that this machine runs, the best first; the last runs anywhere.
const std::vector<const Kernels*>& available();

// weight: outputs x inputs. Leaves matrix.weight.
void pack(const std::int16_t* weight, Matrix& matrix);

}  // namespace integer
