// Transforms: layers in a row, computed in bands of rows from the first to the last, so that memory is bounded by the
// width of a picture and a result can be taken as soon as it is there. No row is computed twice.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "kernels.hpp"
#include "run.hpp"

namespace integer {

struct Layer {
    enum class Kind { kDown, kUp, kBlock };
    Kind kind;
    std::size_t side;  // of a convolution (kDown) or a transposed one (kUp): its kernel and its stride
    std::shared_ptr<const Matrix> first, expand, reduce;  // of a block the 3x3 convolution and its two others

    std::size_t inputs() const;
    std::size_t outputs() const;
};

class Chain {
public:
    // Rows [top, bottom) of the input are wanted: width x channels values each.
    using Fill = std::function<void(std::size_t top, std::size_t bottom, std::int16_t* rows)>;
    // Rows [top, bottom) of the output are there.
    using Take = std::function<void(std::size_t top, std::size_t bottom, const std::int16_t* rows)>;

    // Throws std::invalid_argument where there are no layers, or one does not fit that before it.
    explicit Chain(std::vector<Layer> layers);

    std::size_t inputs() const { return layers_.front().inputs(); }
    std::size_t outputs() const { return layers_.back().outputs(); }
    // The rows of output for so many rows of input, or columns. Throws std::invalid_argument where they do not divide.
    std::size_t scaled(std::size_t rows) const;
    // Rows of input for one of output, of a chain of which all convolutions go down.
    std::size_t shrinks() const;

    // A tensor of height x width positions, `band` rows of its input at a time. Throws Stopped.
    void run(const Run& run, std::size_t height, std::size_t width, std::size_t band, const Fill& fill,
             const Take& take) const;

private:
    std::vector<Layer> layers_;
};

}  // namespace integer
