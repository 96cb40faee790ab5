#include "chain.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>

namespace integer {
namespace {

// The rows of a tensor that somebody still has to read.
struct Rows {
    std::size_t height, width, channels;
    std::size_t base = 0, have = 0;  // the first row that is kept, and the first that is not there yet
    std::vector<std::int16_t> values = {};

    std::size_t row() const { return width * channels; }
    std::int16_t* at(std::size_t y) { return values.data() + (y - base) * row(); }

    // Room for rows up to `to`; those before `needed` are given up.
    void extend(std::size_t to, std::size_t needed) {
        if (needed > base) {
            std::memmove(values.data(), at(needed), (have - needed) * row() * sizeof(std::int16_t));
            base = needed;
        }
        if (values.size() < (to - base) * row()) values.resize((to - base) * row());
    }
};

std::size_t scaled(const Layer& layer, std::size_t rows) {
    return layer.kind == Layer::Kind::kDown ? rows / layer.side
           : layer.kind == Layer::Kind::kUp ? rows * layer.side
                                            : rows;
}

// How many rows of a layer's output can be computed.
std::size_t possible(const Layer& layer, const Rows& in) {
    if (layer.kind == Layer::Kind::kBlock && in.have < in.height) return in.have > 0 ? in.have - 1 : 0;
    return scaled(layer, in.have);
}

// The first row of the input that the output from row `done` on has to see.
std::size_t needed(const Layer& layer, std::size_t done) {
    switch (layer.kind) {
        case Layer::Kind::kDown: return done * layer.side;
        case Layer::Kind::kUp: return done / layer.side;
        default: return done > 0 ? done - 1 : 0;
    }
}

void compute(const Run& run, const Layer& layer, Rows& in, Rows& out, std::size_t to) {
    const std::size_t from = out.have, top = needed(layer, from);
    In x{in.at(top), in.have - top, in.width, in.channels, in.channels};
    Out y{out.at(from), to - from, out.width, out.channels, out.channels};
    const Matrix& first = *layer.first;
    if (layer.kind == Layer::Kind::kDown) {
        x.height = y.height * layer.side;
        run.in_chunks(0, y.positions(), [&](std::size_t a, std::size_t b, Scratch& scratch) {
            run.kernels->patches(x, layer.side, first, y, a, b, scratch);
        });
    } else if (layer.kind == Layer::Kind::kUp) {
        x.height = y.height / layer.side;
        run.in_chunks(0, x.positions(), [&](std::size_t a, std::size_t b, Scratch& scratch) {
            run.kernels->spread(x, layer.side, first, y, a, b, scratch);
        });
    } else {
        const PartialBlock block{&first, layer.expand.get(), layer.reduce.get()};
        y.skip = (from - top) * in.width;
        run.in_chunks(y.skip, y.skip + y.positions(), [&](std::size_t a, std::size_t b, Scratch& scratch) {
            run.kernels->partial_block(x, block, y, a, b, scratch);
        });
    }
    out.have = to;
}

void require(bool holds) {
    if (!holds) throw std::invalid_argument("The layers do not fit each other.");
}

}  // namespace

std::size_t Layer::inputs() const {
    return kind == Kind::kDown ? first->inputs / (side * side) : kind == Kind::kUp ? first->inputs : expand->inputs;
}

std::size_t Layer::outputs() const {
    return kind == Kind::kDown ? first->outputs : kind == Kind::kUp ? first->outputs / (side * side) : reduce->outputs;
}

Chain::Chain(std::vector<Layer> layers) : layers_(std::move(layers)) {
    require(!layers_.empty());
    const Layer* before = nullptr;
    for (const Layer& layer : layers_) {
        require(layer.first != nullptr && layer.side >= 1 && layer.side <= kSideMax);
        const std::size_t cells = layer.side * layer.side;
        if (layer.kind == Layer::Kind::kBlock) {
            require(layer.expand != nullptr && layer.reduce != nullptr);
            require(layer.first->outputs <= layer.inputs() && layer.first->inputs == 9 * layer.first->outputs);
            require(layer.reduce->inputs == layer.expand->outputs && layer.outputs() == layer.inputs());
        } else {
            require((layer.kind == Layer::Kind::kDown ? layer.first->inputs : layer.first->outputs) % cells == 0);
        }
        require(before == nullptr || before->outputs() == layer.inputs());
        before = &layer;
    }
}

std::size_t Chain::scaled(std::size_t rows) const {
    for (const Layer& layer : layers_) {
        require(layer.kind != Layer::Kind::kDown || rows % layer.side == 0);
        rows = integer::scaled(layer, rows);
    }
    return rows;
}

std::size_t Chain::shrinks() const {
    std::size_t rows = 1;
    for (const Layer& layer : layers_) {
        if (layer.kind == Layer::Kind::kDown) rows *= layer.side;
    }
    return rows;
}

void Chain::run(const Run& run, std::size_t height, std::size_t width, std::size_t band, const Fill& fill,
                const Take& take) const {
    require(height > 0 && width > 0 && band > 0);
    static_cast<void>(scaled(height));
    static_cast<void>(scaled(width));
    std::vector<Rows> tensors{{height, width, inputs()}};
    for (const Layer& layer : layers_) {
        const Rows& in = tensors.back();
        tensors.push_back({integer::scaled(layer, in.height), integer::scaled(layer, in.width), layer.outputs()});
    }
    Rows &source = tensors.front(), &result = tensors.back();
    while (source.have < height) {
        const std::size_t to = std::min(height, source.have + band);
        source.extend(to, needed(layers_.front(), tensors[1].have));
        fill(source.have, to, source.at(source.have));
        source.have = to;
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            Rows &in = tensors[i], &out = tensors[i + 1];
            const std::size_t rows = possible(layers_[i], in);
            if (rows == out.have) continue;
            // What the last layer gives is taken at once.
            out.extend(rows, i + 1 < layers_.size() ? needed(layers_[i + 1], tensors[i + 2].have) : out.have);
            const std::size_t from = out.have;
            compute(run, layers_[i], in, out, rows);
            if (&out == &result) take(from, rows, out.at(from));
        }
        run.watch->reached(static_cast<double>(source.have) / static_cast<double>(height));
    }
}

}  // namespace integer
