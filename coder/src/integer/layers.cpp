// Layers from the numbers of a model, which may be a stranger's.

#include <cstdlib>
#include <stdexcept>

#include "kernels.hpp"

namespace integer {

namespace {

constexpr std::int64_t kSumLimit = std::int64_t{1} << 31;
constexpr int kShiftMax = 30;

void require(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

// The bias with the half that rounds, and the shift. magnitudes: sums of |weight| of each output.
template <class Layer>
void finish(const Ending& ending, const std::vector<std::int64_t>& magnitudes, std::size_t room, Layer& layer) {
    require(ending.low <= ending.high && ending.limit > 0 && ending.limit <= 32768, "The limits are not limits.");
    layer.low = ending.low;
    layer.high = ending.high;
    layer.bias.assign(room, 0);
    layer.shift.assign(room, 0);
    for (std::size_t o = 0; o < magnitudes.size(); ++o) {
        const std::int64_t b = ending.bias[o], s = ending.shift[o];
        require(s <= kShiftMax, "A shift is too large.");
        const std::int64_t half = s > 0 ? std::int64_t{1} << (s - 1) : 0;
        require(ending.limit * magnitudes[o] + std::abs(b) + half < kSumLimit, "Sums could leave 32 bits.");
        layer.bias[o] = static_cast<std::int32_t>(b + half);
        layer.shift[o] = static_cast<std::int32_t>(s);
    }
}

}  // namespace

Matrix make_matrix(const std::int16_t* weight, std::size_t outputs, std::size_t inputs, const Ending& ending) {
    Matrix m;
    m.outputs = outputs;
    m.inputs = inputs;
    m.leaky = ending.leaky;
    std::vector<std::int64_t> magnitudes(outputs);
    for (std::size_t i = 0; i < outputs * inputs; ++i) magnitudes[i / inputs] += std::abs(int{weight[i]});
    finish(ending, magnitudes, m.padded(), m);
    pack(weight, m);
    return m;
}

Depthwise make_depthwise(const std::int16_t* weight, std::size_t taps, std::size_t channels, const Ending& ending) {
    Depthwise d;
    d.channels = channels;
    d.weight.assign(weight, weight + taps * channels);
    std::vector<std::int64_t> magnitudes(channels);
    for (std::size_t i = 0; i < taps * channels; ++i) magnitudes[i % channels] += std::abs(int{weight[i]});
    finish(ending, magnitudes, channels, d);
    return d;
}

Scale make_scale(const std::int16_t* factor, std::size_t channels, const std::uint8_t* shift, std::int16_t low,
                 std::int16_t high) {
    Scale scale;
    scale.factor.assign(factor, factor + channels);
    std::vector<std::int64_t> magnitudes(channels);
    for (std::size_t c = 0; c < channels; ++c) magnitudes[c] = std::abs(int{factor[c]});
    const std::vector<std::int32_t> none(channels);
    finish({none.data(), shift, low, high, false, 32768}, magnitudes, channels, scale);
    return scale;
}

}  // namespace integer
