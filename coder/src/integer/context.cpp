#include "context.hpp"

#include <stdexcept>
#include <utility>

#include "latents.hpp"

namespace integer {
namespace {

void require(bool holds) {
    if (!holds) throw std::invalid_argument("The parts of the entropy model do not fit each other.");
}

void check(const Sampling& s, std::size_t channels) {
    require(s.parts > 0 && s.stride > 0 && channels % s.parts == 0 && !s.slots.empty());
    for (const Slot& slot : s.slots) require(slot.part < s.parts && slot.row < s.stride && slot.column < s.stride);
}

}  // namespace

std::vector<std::array<std::size_t, 2>> Entropy::offsets(std::size_t scale) const {
    std::vector<std::array<std::size_t, 2>> found(channels, {0, 0});
    for (std::size_t at = scale; at < kFinest; ++at) {
        const Sampling& down = descents[at];
        for (const Slot& slot : down.slots) {
            const std::size_t size = channels / down.parts;
            for (std::size_t c = slot.part * size; c < (slot.part + 1) * size; ++c) {
                found[c] = {2 * found[c][0] + slot.row, 2 * found[c][1] + slot.column};
            }
        }
    }
    return found;
}

std::size_t Entropy::streams() const {
    std::size_t most = 0;
    for (const Step& step : steps) most = std::max(most, step.stream);
    return most + 1;
}

std::size_t Entropy::unit() const {
    return std::max(std::size_t{1} << (kFinest - steps[0].scale), h_s->scaled(1));
}

void Entropy::prepare() {
    const std::size_t m = channels;
    require(m > 0 && h_s != nullptr && h_s->outputs() == 2 * m && !steps.empty() && steps[0].opens);
    require(z_means.size() == h_s->inputs() && z_tables.size() == z_means.size());
    require(scale_left.size() == m && mean_left.size() == m && table_of.size() == kScaleMax + 1);
    for (std::size_t c = 0; c < m; ++c) require(scale_left[c] <= 15 && mean_left[c] <= 15);
    for (std::size_t at = 0; at < kFinest; ++at) {
        check(descents[at], m);
        require(descents[at].stride == 2 && descents[at].slots.size() == descents[at].parts);
        for (std::size_t part = 0; part < descents[at].parts; ++part) require(descents[at].slots[part].part == part);
    }
    for (const auto& net : context_nets) require(net != nullptr && net->inputs == 2 * m && net->outputs == 2 * m);
    for (const ContextNet& net : nets) {
        require(net.last != nullptr && net.last->outputs == 2 * m);
        for (const auto* blocks : {&net.before, &net.after}) {
            for (const ContextBlock& block : *blocks) {
                require(block.conv != nullptr && block.expand != nullptr && block.reduce != nullptr);
                require(block.conv->channels == net.last->inputs && block.expand->inputs == net.last->inputs);
                require(block.reduce->inputs == block.expand->outputs && block.reduce->outputs == net.last->inputs);
            }
        }
    }
    std::size_t scale = steps[0].scale, opened = 0;
    for (Step& step : steps) {
        const bool first = &step == &steps[0];
        scale += step.opens && !first ? 1 : 0;
        opened += step.opens && !first ? 1 : 0;
        require(step.scale == scale && scale <= kFinest && step.net < nets.size());
        if (!first) {
            const std::size_t wide = nets[step.net].last->inputs;
            require(step.adaptor != nullptr && step.adaptor->inputs == 3 * m && step.adaptor->outputs == wide);
            require(step.embedding != nullptr && step.embedding->factor.size() == wide);
        }
        check(step.sampling, m);
        const std::size_t stride = step.sampling.stride, size = m / step.sampling.parts;
        const auto offset = offsets(step.scale);
        step.phases.assign(stride * stride, {});
        std::vector<std::size_t> packed(stride * stride);
        for (const Slot& slot : step.sampling.slots) {
            const std::size_t phase = slot.row * stride + slot.column;
            for (std::size_t c = slot.part * size; c < (slot.part + 1) * size; ++c, ++packed[phase]) {
                auto& pieces = step.phases[phase];
                if (pieces.empty() || pieces.back().channel + pieces.back().count != c ||
                    pieces.back().row != offset[c][0] || pieces.back().column != offset[c][1]) {
                    pieces.push_back({c, 0, packed[phase], offset[c][0], offset[c][1]});
                }
                ++pieces.back().count;
            }
        }
        step.panels.assign(stride * stride, {});
        for (std::size_t phase = 0; phase < stride * stride; ++phase) {
            std::vector<bool> wanted((2 * m + kPanel - 1) / kPanel);
            for (const Piece& piece : step.phases[phase]) {
                for (std::size_t c = piece.channel; c < piece.channel + piece.count; ++c) {
                    wanted[c / kPanel] = wanted[(m + c) / kPanel] = true;
                }
            }
            for (std::size_t panel = 0; panel < wanted.size(); ++panel) {
                if (wanted[panel]) step.panels[phase].push_back(panel);
            }
        }
        step.packed = packed[0];
        for (const std::size_t other : packed) require(other == step.packed);
    }
    require(scale == kFinest && context_nets.size() == opened);
}

Tile::Tile(std::shared_ptr<const Entropy> entropy, std::size_t height, std::size_t width)
    : entropy_(std::move(entropy)), rows_(height), columns_(width) {
    require(height > 0 && width > 0 && height % entropy_->unit() == 0 && width % entropy_->unit() == 0);
}

std::size_t Tile::height() const { return request_ == 0 ? rows_ / entropy_->h_s->scaled(1) : rows(step().scale); }
std::size_t Tile::width() const { return request_ == 0 ? columns_ / entropy_->h_s->scaled(1) : columns(step().scale); }
std::size_t Tile::packed() const { return request_ == 0 ? entropy_->z_means.size() : step().packed; }

bool Tile::next(const Run& run) {
    if (state_ != State::kFree) throw std::logic_error("A request waits for its answer.");
    if (begun_ && request_ == entropy_->steps.size()) return false;
    state_ = State::kBusy;
    run.watch->check();
    if (!begun_) {
        begun_ = true;
        const std::size_t positions = height() * width();
        for (std::size_t p = 0; p < positions; ++p) {
            indices_.insert(indices_.end(), entropy_->z_tables.begin(), entropy_->z_tables.end());
            means_.insert(means_.end(), entropy_->z_means.begin(), entropy_->z_means.end());
        }
    } else {
        if (request_ == 0) hyper(run);
        ++request_;
        if (step().opens) begin(run, step().scale);
        if (request_ > 1) psi(run);
        read(run);
    }
    state_ = State::kAsked;
    return true;
}

void Tile::take(const Run& run, const std::int32_t* symbols) {
    if (state_ != State::kAsked) throw std::logic_error("There is no request.");
    state_ = State::kBusy;
    if (request_ == 0) {
        z_.resize(count());
        for (std::size_t i = 0; i < z_.size(); ++i) {
            const std::int64_t z_hat = std::int64_t{symbols[i]} * (1 << kLatentBits) + means_[i];
            z_[i] = static_cast<std::int16_t>(std::clamp<std::int64_t>(z_hat, -kLatentMax, kLatentMax));
        }
        state_ = State::kFree;
        return;
    }
    const std::size_t m = entropy_->channels, w = width(), stride = step().sampling.stride;
    run.share(height(), [&](std::size_t r) {
        for (std::size_t c = 0; c < w; ++c) {
            const std::size_t at = r * w + c;
            for (const Piece& piece : step().phases[r % stride * stride + c % stride]) {
                const std::size_t from = at * step().packed + piece.packed;
                std::int32_t* const latent = &y_hat_[at * m + piece.channel];
                std::int16_t* const shown = &params_[at * 3 * m + 2 * m + piece.channel];
                for (std::size_t k = 0; k < piece.count; ++k) {
                    latent[k] = symbols[from + k] * (1 << kLatentBits) + means_[from + k];
                    shown[k] = seen(latent[k]);
                }
            }
        }
    });
    state_ = State::kFree;
}

void Tile::quantize(const Run& run, const Latents<const float>& values, std::int32_t* symbols) const {
    const std::size_t n = packed(), w = width();
    const auto one = [this, symbols](std::size_t at, const float* from, std::size_t size) {
        for (std::size_t k = 0; k < size; ++k) {
            const float residual = from[k] - to_float(means_[at + k]);
            symbols[at + k] = static_cast<std::int32_t>(nearest(between(residual, -kLatentMax, kLatentMax)));
        }
    };
    run.share(height(), [&](std::size_t r) {
        for (std::size_t c = 0; c < w; ++c) {
            const std::size_t at = (r * w + c) * n;
            if (request_ == 0) {
                one(at, values.position(r, c), n);
                continue;
            }
            const std::size_t up = kFinest - step().scale, stride = step().sampling.stride;
            for (const Piece& piece : step().phases[r % stride * stride + c % stride]) {
                const float* const from = values.position((r << up) + piece.row, (c << up) + piece.column);
                one(at + piece.packed, from + piece.channel, piece.count);
            }
        }
    });
}

void Tile::add_bits(const Run& run, const std::function<void(std::size_t, std::size_t, float*)>& bits,
                    float* map) const {
    const std::size_t n = packed(), w = width();
    run.share(height(), [&](std::size_t r) {
        std::vector<float> row(w * n);
        bits(r * w * n, w * n, row.data());
        for (std::size_t c = 0; c < w; ++c) {
            const auto sum = [&](std::size_t first, std::size_t size) {
                float total = 0;
                for (std::size_t k = 0; k < size; ++k) total += row[c * n + first + k];
                return total;
            };
            if (request_ == 0) {
                const std::size_t side = rows_ / height();
                const float share = sum(0, n) / static_cast<float>(side * side);
                for (std::size_t i = 0; i < side * side; ++i) {
                    map[(r * side + i / side) * columns_ + c * side + i % side] += share;
                }
                continue;
            }
            const std::size_t up = kFinest - step().scale, stride = step().sampling.stride;
            for (const Piece& piece : step().phases[r % stride * stride + c % stride]) {
                map[((r << up) + piece.row) * columns_ + (c << up) + piece.column] += sum(piece.packed, piece.count);
            }
        }
    });
}

void Tile::y_hat(const Latents<float>& to) const {
    if (state_ != State::kFree || request_ != entropy_->steps.size()) throw std::logic_error("Requests are left.");
    const std::size_t row = columns_ * entropy_->channels;
    for (std::size_t r = 0; r < rows_; ++r) {
        float* const at = to.position(r, 0);
        for (std::size_t k = 0; k < row; ++k) at[k] = to_float(y_hat_[r * row + k]);
    }
}

void Tile::hyper(const Run& run) {
    const Chain& h_s = *entropy_->h_s;
    const std::size_t h = height(), w = width(), row = w * h_s.inputs(), out = columns_ * h_s.outputs();
    hyper_.resize(rows_ * out);
    h_s.run(
        run, h, w, h,
        [&](std::size_t top, std::size_t bottom, std::int16_t* rows) {
            std::copy(&z_[top * row], &z_[top * row] + (bottom - top) * row, rows);
        },
        [&](std::size_t top, std::size_t bottom, const std::int16_t* rows) {
            std::copy(rows, rows + (bottom - top) * out, &hyper_[top * out]);
        });
}

void Tile::begin(const Run& run, std::size_t scale) {
    const std::size_t m = entropy_->channels, h = rows(scale), w = columns(scale), up = kFinest - scale;
    const auto params = std::exchange(params_, std::vector<std::int16_t>(h * w * 3 * m));
    const auto y_hat = std::exchange(y_hat_, std::vector<std::int32_t>(h * w * m));
    scale_ = scale;
    const auto offset = entropy_->offsets(scale);
    run.share(h, [&](std::size_t r) {
        for (std::size_t c = 0; c < w; ++c) {
            std::int16_t* const to = &params_[(r * w + c) * 3 * m];
            for (std::size_t first = 0; first < m;) {
                std::size_t last = first + 1;
                while (last < m && offset[last] == offset[first]) ++last;
                const auto [row, column] = offset[first];
                const std::int16_t* const from = &hyper_[(((r << up) + row) * columns_ + (c << up) + column) * 2 * m];
                std::copy(from + first, from + last, to + first);
                std::copy(from + m + first, from + m + last, to + m + first);
                first = last;
            }
        }
    });
    if (request_ > 1) go_up(run, scale, params, y_hat);
}

void Tile::go_up(const Run& run, std::size_t scale, const std::vector<std::int16_t>& params,
                 const std::vector<std::int32_t>& y_hat) {
    const std::size_t m = entropy_->channels, w = columns(scale), low = columns(scale - 1);
    const Sampling& down = entropy_->descents[scale - 1];
    const std::size_t size = m / down.parts;
    run.share(rows(scale - 1), [&](std::size_t r) {
        for (std::size_t c = 0; c < low; ++c) {
            const std::int16_t* const context = &params[(r * low + c) * 3 * m];
            const std::int32_t* const latents = &y_hat[(r * low + c) * m];
            for (const Slot& slot : down.slots) {
                const std::size_t at = (2 * r + slot.row) * w + 2 * c + slot.column, first = slot.part * size;
                std::int16_t* const to = &params_[at * 3 * m];
                std::copy(context + first, context + first + size, to + first);
                std::copy(context + m + first, context + m + first + size, to + m + first);
                std::copy(latents + first, latents + first + size, &y_hat_[at * m + first]);
                for (std::size_t k = first; k < first + size; ++k) to[2 * m + k] = seen(latents[k]);
            }
        }
    });
    const std::size_t positions = rows(scale) * w;
    std::int16_t* const filled = room(x_[0], positions * 2 * m);
    for (std::size_t p = 0; p < positions; ++p) std::copy(&params_[p * 3 * m], &params_[p * 3 * m] + 2 * m, filled + p * 2 * m);
    const In x{filled, rows(scale), w, 2 * m, 2 * m};
    const Out out{params_.data(), rows(scale), w, 2 * m, 3 * m};
    const Matrix& net = *entropy_->context_nets[net_++];
    run.in_chunks(0, positions, [&](std::size_t a, std::size_t b, Scratch& scratch) {
        run.kernels->patches(x, 1, net, out, a, b, scratch);
    });
}

void Tile::psi(const Run& run) {
    const std::size_t m = entropy_->channels, h = height(), w = width(), positions = h * w;
    const ContextNet& net = entropy_->nets[step().net];
    const std::size_t wide = net.last->inputs;
    Out x{room(x_[0], positions * wide), h, w, wide, wide}, y{room(x_[1], positions * wide), h, w, wide, wide};
    const auto in = [](const Out& v) { return In{v.at, v.height, v.width, v.channels, v.stride}; };
    const auto through = [&](const std::vector<ContextBlock>& blocks) {
        for (const ContextBlock& block : blocks) {
            const DepthwiseBlock all{block.conv.get(), block.expand.get(), block.reduce.get()};
            run.in_chunks(0, positions, [&](std::size_t a, std::size_t b, Scratch& scratch) {
                run.kernels->depthwise_block(in(x), all, y, a, b, scratch);
            });
            std::swap(x, y);
        }
    };
    // Of the latents known so far, other channels are zero at each phase.
    by_phase(run, {params_.data(), h, w, 3 * m, 3 * m}, step().sampling.stride, *step().adaptor, x);
    through(net.before);
    run.in_chunks(0, positions, [&](std::size_t a, std::size_t b, Scratch&) {
        run.kernels->scale(*step().embedding, x.at + a * wide, b - a);
    });
    through(net.after);
    const Out context{params_.data(), h, w, 2 * m, 3 * m};
    if (request_ == entropy_->steps.size()) {  // nothing comes after that would see what the step does not read
        by_phase(run, in(x), step().sampling.stride, *net.last, context, &step().panels);
        return;
    }
    run.in_chunks(0, positions, [&](std::size_t a, std::size_t b, Scratch& scratch) {
        run.kernels->patches(in(x), 1, *net.last, context, a, b, scratch);
    });
}

void Tile::read(const Run& run) {
    const std::size_t m = entropy_->channels, w = width(), stride = step().sampling.stride;
    indices_.resize(count());
    means_.resize(count());
    run.share(height(), [&](std::size_t r) {
        for (std::size_t c = 0; c < w; ++c) {
            const std::int16_t* const context = &params_[(r * w + c) * 3 * m];
            for (const Piece& piece : step().phases[r % stride * stride + c % stride]) {
                const std::size_t to = (r * w + c) * step().packed + piece.packed;
                for (std::size_t k = 0; k < piece.count; ++k) {
                    const std::size_t channel = piece.channel + k;
                    const std::int32_t scale = context[channel] * (1 << entropy_->scale_left[channel]);
                    indices_[to + k] = entropy_->table_of[static_cast<std::size_t>(std::clamp(scale, 0, kScaleMax))];
                    // One more place, so that a shift to the right by one is one to the left by none.
                    means_[to + k] = rounded(context[m + channel] * (1 << entropy_->mean_left[channel]), 1);
                }
            }
        }
    });
}

}  // namespace integer
