// The autoregressive model of arithmetic profile 3 on one machine: what docs/exact-arithmetic-3.md describes, its
// matrices packed for the kernels of profile 2 (../integer/kernels.hpp), which compute all of it but the mixtures.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels.hpp"
#include "mixture.hpp"

namespace lossless {

constexpr std::size_t kPlanes = kColours + 1;  // what embedding and prediction read: the colours, and where the tile is
constexpr int kPlaneMax = 128;                 // largest magnitude in planes
constexpr int kLowerMax = 255;                 // and in those of the lower halves of samples of 16 bits
constexpr std::int16_t kInside = 64;           // in the last of them
constexpr std::size_t kSideMax = 1024;         // of a tile, for memory's sake: those of files have 256

// What the samples of a tile are: height x width x channels, in RGB order or grey, of 8 or 16 bits. In memory and for
// checksums they are bytes, of 16 bits the lower half first.
struct Kind {
    std::size_t channels = kColours;  // or 1
    bool deep = false;

    std::size_t bytes() const { return channels * (deep ? 2 : 1); }  // of a pixel
};

// A known neighbour of a pixel. It belongs to the group column + 2 row further on.
struct Tap {
    int row, column;
    int group() const { return column + 2 * row; }
};

constexpr std::size_t kBefore = 23, kAlong = 26;
// Those of earlier groups, and those of the pixel's own group too; in the order of weights.
const std::array<Tap, kBefore>& taps_before();
const std::array<Tap, kAlong>& taps_along();

struct Block {
    integer::Matrix conv_a, conv_v, conv_out, expand, reduce;
    integer::Depthwise context;
    integer::Gate gate;
};

// A matrix of planes for samples of 16 bits: their halves are taken apart, with weights and nothing else, and what ends
// the sum of both is done in 64 bits.
struct Halves {
    integer::Matrix sums;
    std::vector<std::int64_t> bias;   // with the half that rounds, of results in 2^-8
    std::vector<std::int32_t> shift;  // of these
    std::int32_t bound = 0;
};

// Of weights outputs x inputs; bias and shift as of a matrix that reads planes of 8 bits.
Halves make_halves(const std::int16_t* weight, std::size_t outputs, std::size_t inputs, const std::int32_t* bias,
                   const std::uint8_t* shift, std::int32_t bound);

struct Model {
    std::size_t channels = 0, components = 0;
    std::array<std::size_t, kColours> order = {0, 1, 2};  // colours in coding order, by their places in RGB
    integer::Matrix predict, embed;                       // inputs tap by tap, the planes of a tap together
    Halves deep_predict, deep_embed;
    std::vector<Block> blocks;
    integer::Matrix hidden, head;
    Tables tables;
};

}  // namespace lossless
