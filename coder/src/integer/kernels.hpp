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

// The same for a convolution of each channel by itself: 3x3, but for `mixed`.
struct Depthwise {
    std::size_t channels = 0;
    std::vector<std::int16_t> weight;  // taps x channels
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

// Positions x inputs that a product reads, what it adds, and where it writes.
struct Product {
    const std::int16_t* x = nullptr;
    std::size_t x_stride = 0;
    std::int16_t* out = nullptr;
    std::size_t out_stride = 0;
    const std::int16_t* addend = nullptr;  // of a residual, else none
    std::size_t addend_stride = 0;
    bool whole_panels = false;     // out has room for all columns of the panels
    std::int32_t* wide = nullptr;  // instead of out: int32, not clamped; room as with whole_panels
};

// Positions of a tensor, at most kChunk, and which panels of a matrix's outputs are wanted there, or all.
struct Choice {
    const std::uint32_t* positions = nullptr;
    std::size_t count = 0;
    const std::vector<std::size_t>* panels = nullptr;
};

// clamp(rnd(clamp(rnd(m t), +-low bound) u), +-bound) with t = clamp(m + three, 0, 2 three), rnd by shifts.
struct Gate {
    std::int32_t three = 0, inner_shift = 0, inner_bound = 0, shift = 0, bound = 0;
};

constexpr std::size_t kMaxTaps = 32;

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
    // A 1x1 convolution at positions anywhere, the same of the output. What inputs are zero at all of them costs nothing.
    void (*pointwise)(const In& x, const Matrix& matrix, const Out& out, const Choice& choice, Scratch& scratch);
    void (*partial_block)(const In& x, const PartialBlock& block, const Out& out, std::size_t first, std::size_t last,
                          Scratch& scratch);
    void (*depthwise_block)(const In& x, const DepthwiseBlock& block, const Out& out, std::size_t first,
                            std::size_t last, Scratch& scratch);
    // `count` positions, one behind the other, in place.
    void (*scale)(const Scale& scale, std::int16_t* x, std::size_t count);

    // For profile 3, on positions that follow one another, any number of them. Where inputs are odd, one more is read.
    void (*product)(const Matrix& matrix, const Product& job, std::size_t positions);
    // taps: where each of the convolution's taps, kMaxTaps at most, reads for the first position.
    void (*mixed)(const Depthwise& conv, const std::int16_t* const* taps, std::size_t stride, std::int16_t* out,
                  std::size_t out_stride, std::size_t positions);
    void (*gated)(const Gate& gate, const std::int16_t* m, const std::int16_t* u, std::int16_t* out,
                  std::size_t values);
};

// Those that this machine runs, the best first; the last runs anywhere.
const std::vector<const Kernels*>& available();

// weight: outputs x inputs. Leaves matrix.weight.
void pack(const std::int16_t* weight, Matrix& matrix);

// What ends a layer's sums, as models have it: bias and shift of each output, and the largest magnitude of its inputs.
struct Ending {
    const std::int32_t* bias;
    const std::uint8_t* shift;
    std::int16_t low, high;
    bool leaky;
    int limit;
};

// Layers from a model's numbers, weights outputs x inputs and taps x channels; std::invalid_argument where limits are
// none or a sum could leave 32 bits: limit sum|weight| + |bias| + half < 2^31 has to hold for every output.
Matrix make_matrix(const std::int16_t* weight, std::size_t outputs, std::size_t inputs, const Ending& ending);
Depthwise make_depthwise(const std::int16_t* weight, std::size_t taps, std::size_t channels, const Ending& ending);
Scale make_scale(const std::int16_t* factor, std::size_t channels, const std::uint8_t* shift, std::int16_t low,
                 std::int16_t high);

}  // namespace integer
