// The entropy model of one tile: from symbols that are known to tables and means of those that come next. What is coded
// in which step is data. Shared by encoders and decoders, so that they cannot drift apart.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "chain.hpp"
#include "phases.hpp"
#include "transforms.hpp"

namespace integer {

constexpr std::size_t kFinest = 3;  // the scale that has all latents; each lower one has half the rows and columns
constexpr int kScaleMax = (1 << 15) - 1;  // of a scale on the grid on which it chooses a table

// Part `part` of the channels, at rows row, row + stride, ... and columns column, column + stride, ...
struct Slot {
    std::size_t part, row, column;
};
struct Sampling {
    std::size_t parts = 0, stride = 0;
    std::vector<Slot> slots;  // by part
};

// Channels that are coded together at one position of a step's grid, and lie together among the finest latents.
struct Piece {
    std::size_t channel, count, packed;  // of all channels, and the first among the packed
    std::size_t row, column;             // within the cell of finest latents that the position stands for
};

struct ContextBlock {
    std::shared_ptr<const Depthwise> conv;
    std::shared_ptr<const Matrix> expand, reduce;
};
struct ContextNet {
    std::vector<ContextBlock> before, after;  // the step's embedding
    std::shared_ptr<const Matrix> last;
};

struct Step {
    std::size_t scale = 0;
    bool opens = false;  // the first step of a scale
    std::size_t stream = 0, net = 0;
    Sampling sampling;
    std::shared_ptr<const Matrix> adaptor;  // none for the first step
    std::shared_ptr<const Scale> embedding;

    std::size_t packed = 0;                   // channels, by Entropy
    std::vector<std::vector<Piece>> phases;  // of each position of a cell of stride x stride, by Entropy
    std::vector<Panels> panels;              // of scales and means that are read there, by Entropy
};

// The networks and the schedule of one model. Read-only once made.
struct Entropy {
    std::size_t channels;  // M
    std::shared_ptr<const Chain> h_s;
    std::vector<std::int32_t> z_means;
    std::vector<std::uint8_t> z_tables;
    std::vector<std::uint8_t> scale_left, mean_left;  // how far values are shifted, and means by one more than that
    std::vector<std::uint8_t> table_of;               // by scale, up to kScaleMax
    std::array<Sampling, kFinest> descents;           // to each scale from the next finer one
    std::vector<std::shared_ptr<const Matrix>> context_nets;  // of each scale that a tile goes up to
    std::vector<ContextNet> nets;
    std::vector<Step> steps;

    // Fill in what follows from the rest. Throws std::invalid_argument where parts do not fit each other.
    void prepare();
    // Where a channel of a scale's grid lies within its cell of finest latents: row and column of each channel.
    std::vector<std::array<std::size_t, 2>> offsets(std::size_t scale) const;
    std::size_t streams() const;
    // Sides of tiles are multiples of it.
    std::size_t unit() const;
};

// Not for two threads at a time.
class Tile {
public:
    // height x width finest latents. Throws std::invalid_argument where they are no multiples of the unit.
    Tile(std::shared_ptr<const Entropy> entropy, std::size_t height, std::size_t width);

    // Compute up to the next request: 0 is that of the hyperprior, then comes each step's. False after the last. Throws
    // Stopped, after which nothing can be done with the tile, and std::logic_error where the request before has no answer.
    bool next(const Run& run);
    std::size_t request() const { return request_; }
    std::size_t stream() const { return request_ == 0 ? 0 : step().stream; }
    // Of the request, height x width x packed.
    std::size_t height() const, width() const, packed() const;
    std::size_t count() const { return height() * width() * packed(); }
    const std::vector<std::uint8_t>& indices() const { return indices_; }
    const std::vector<std::int32_t>& means() const { return means_; }  // on the grid 2^-8

    // The answer to a request: `count()` symbols of magnitudes up to 32767. Throws std::logic_error if none waits.
    void take(const Run& run, const std::int32_t* symbols);

    // The symbols of latents (for the request 0: of z) by the means of the request.
    void quantize(const Run& run, const Latents<const float>& values, std::int32_t* symbols) const;
    // Add the request's bits to a map of height x width finest latents; bits of a row of it by `of_row`, row by row.
    void add_bits(const Run& run, const std::function<void(std::size_t first, std::size_t count, float*)>& bits,
                  float* map) const;

    // Of all finest latents. Throws std::logic_error where requests are left.
    void y_hat(const Latents<float>& to) const;

private:
    const Step& step() const { return entropy_->steps[request_ - 1]; }
    void hyper(const Run& run);
    void begin(const Run& run, std::size_t scale);
    void go_up(const Run& run, std::size_t scale, const std::vector<std::int16_t>& params,
               const std::vector<std::int32_t>& y_hat);
    void psi(const Run& run);
    void read(const Run& run);
    std::size_t rows(std::size_t scale) const { return rows_ >> (kFinest - scale); }
    std::size_t columns(std::size_t scale) const { return columns_ >> (kFinest - scale); }

    std::shared_ptr<const Entropy> entropy_;
    std::size_t rows_, columns_;
    std::size_t request_ = 0, scale_ = 0, net_ = 0;
    enum class State { kFree, kBusy, kAsked };  // busy: at work, or the work was given up; asked: a request waits
    State state_ = State::kFree;
    bool begun_ = false;
    std::vector<std::uint8_t> indices_;
    std::vector<std::int32_t> means_;
    std::vector<std::int16_t> z_, hyper_;
    std::vector<std::int16_t> params_;  // context (scales, means) and latents as networks see them: 3 M a position
    std::vector<std::int32_t> y_hat_;   // of the scale, on the grid 2^-8
    std::vector<std::int16_t> x_[2];    // features between layers
};

}  // namespace integer
