// The network on a tile, group by group as pixels become known: group column + 2 row after group.
//
// What masked convolutions read is kept by group and row, not by column and row: the tap (row, column) of a pixel then
// lies in group g + column + 2 row at row r + row, and the taps of all pixels of a group in rows that follow one
// another. No tap reaches further back than nine groups, so ten are kept of the planes and of each block's conv_a, in a
// ring. Every feature is computed once, and what is read stays in the cache.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model.hpp"

namespace lossless {

class Walk {
public:
    // Sides from 1 to kSideMax. Model and kernels have to stay. deep: samples of 16 bits.
    Walk(const Model& model, const integer::Kernels& kernels, std::size_t height, std::size_t width, bool deep);

    std::size_t groups() const { return width_ + 2 * (height_ - 1); }

    // On to the next group, the first at the first call, and compute what is said of its pixels. The samples of all
    // pixels before must be known by then.
    void next();

    // Pixels of this group, and where they are.
    std::size_t count() const { return count_; }
    std::size_t row(std::size_t pixel) const { return first_ + pixel; }
    std::size_t column(std::size_t pixel) const { return group_ - 2 * row(pixel); }

    // Of a pixel of this group, clamped as they should be.
    const std::int32_t* head(std::size_t pixel) const { return head_.data() + pixel * model_.head.padded(); }
    const std::int32_t* prediction(std::size_t pixel) const {
        return prediction_.data() + pixel * model_.predict.padded();
    }
    // The pixel's samples in coding order, in 2^-8 levels.
    void know(std::size_t pixel, const std::int32_t* samples);

private:
    // Ten groups of rows of so many values.
    class Ring {
    public:
        Ring(std::size_t rows, std::size_t values);
        // Row 0 of a group, which may be one before the first.
        std::int16_t* group(std::size_t group, int further = 0);
        void clear(std::size_t group, std::size_t first, std::size_t last);
        std::size_t values() const { return values_; }

    private:
        std::size_t rows_, values_;
        std::vector<std::int16_t> all_;
    };

    std::size_t first_row(std::size_t group) const { return group < width_ ? 0 : (group - width_) / 2 + 1; }
    void forget();
    void gather(Ring& planes, std::vector<std::int16_t>& seen);
    void product(const integer::Matrix& matrix, const std::vector<std::int16_t>& x, std::size_t stride,
                 std::int16_t* out) const;
    void add(const integer::Matrix& matrix, const std::vector<std::int16_t>& x, std::size_t stride);
    void sums(const integer::Matrix& matrix, const std::vector<std::int16_t>& x, std::size_t stride,
              std::vector<std::int32_t>& out) const;
    template <class T>
    void halves(const Halves& matrix, T* out, std::size_t stride);
    void said();
    void compute(std::size_t block);

    const Model& model_;
    const integer::Kernels& kernels_;
    std::size_t height_, width_, group_ = 0, first_ = 0, count_ = 0;
    bool begun_ = false, deep_;
    std::size_t stride_;  // of features: channels, rounded up to panels
    Ring planes_, lower_;
    std::vector<Ring> rings_;                                           // a block's conv_a
    std::vector<std::int16_t> seen_, seen_lower_, h_, m_, u_, hidden_;  // of the group's pixels
    std::vector<std::int32_t> prediction_, head_, sums_, sums_lower_;
    std::vector<std::int32_t> low_, high_;  // of the head's numbers
};

}  // namespace lossless
