// Compiled once for each instruction set, with HPCM_ISA as the name of this one's table. Everything but that table is
// local to the file, so that no function compiled for one instruction set is ever called on a machine without it.
// HPCM_AVX512_VNNI and HPCM_AVX_VNNI say what no compiler's own macro says everywhere. HPCM_SCALAR keeps to the plain
// loops, so that they can be tested on machines that have better.

#include <algorithm>
#include <cstring>
#include <vector>

#include "product.hpp"

namespace integer {
namespace {

inline void copy(i16* to, const i16* from, size_t values) { std::memcpy(to, from, values * sizeof(i16)); }

// Inputs come in pairs, so an odd number has a zero after the last.
inline size_t even(size_t values) { return values + values % 2; }

void patches(const In& x, size_t side, const Matrix& m, const Out& out, size_t first, size_t last, Scratch& scratch) {
    const size_t count = last - first, width = out.width, span = even(m.inputs);
    Product job;
    job.out = out.at + first * out.stride;
    job.out_stride = out.stride;
    if (side == 1 && m.inputs % 2 == 0) {
        job.x = x.at + first * x.stride;
        job.x_stride = x.stride;
    } else {
        i16* const to = room(scratch.gathered, kChunk * span);
        for (size_t i = 0; i < count; ++i) {
            const size_t row = (first + i) / width * side, column = (first + i) % width * side;
            i16* at = to + i * span;
            for (size_t dy = 0; dy < side; ++dy) {
                const i16* from = x.at + ((row + dy) * x.width + column) * x.stride;
                for (size_t dx = 0; dx < side; ++dx, from += x.stride, at += x.channels) copy(at, from, x.channels);
            }
            if (span != m.inputs) *at = 0;
        }
        job.x = to;
        job.x_stride = span;
    }
    product(m, job, count);
}

void spread(const In& x, size_t side, const Matrix& m, const Out& out, size_t first, size_t last, Scratch& scratch) {
    const size_t count = last - first, run = side * out.channels;
    Out flat;
    flat.at = room(scratch.joined, kChunk * m.padded());
    flat.stride = m.padded();
    Product job;
    job.out = flat.at;
    job.out_stride = m.padded();
    job.whole_panels = true;
    if (m.inputs % 2 == 0) {
        job.x = x.at + first * x.stride;
        job.x_stride = x.stride;
    } else {
        const size_t span = even(m.inputs);
        i16* const to = room(scratch.gathered, kChunk * span);
        for (size_t i = 0; i < count; ++i) {
            copy(to + i * span, x.at + (first + i) * x.stride, m.inputs);
            to[i * span + m.inputs] = 0;
        }
        job.x = to;
        job.x_stride = span;
    }
    product(m, job, count);
    for (size_t i = 0; i < count; ++i) {
        const size_t row = (first + i) / x.width * side, column = (first + i) % x.width * side;
        for (size_t dy = 0; dy < side; ++dy) {
            copy(out.at + ((row + dy) * out.width + column) * out.stride, flat.at + i * m.padded() + dy * run, run);
        }
    }
}

void pointwise(const In& x, const Matrix& m, const Out& out, const Choice& choice, Scratch& scratch) {
    constexpr size_t kBlock = 32, kMost = 32;  // inputs that are left out together, and stretches of others
    const auto zeros = [&](size_t first, size_t last) {
        for (size_t i = 0; i < choice.count; ++i) {
            const i16* const from = x.at + choice.positions[i] * x.stride;
            i16 any = 0;
            for (size_t k = first; k < last; ++k) any |= from[k];
            if (any != 0) return false;
        }
        return true;
    };
    Stretch stretches[kMost];
    size_t found = 0, span = 0;
    for (size_t first = 0; first < m.inputs; first += kBlock) {
        const size_t last = std::min(first + kBlock, m.inputs);
        if (zeros(first, last)) continue;
        const bool follows = found > 0 && 2 * (stretches[found - 1].first + stretches[found - 1].pairs) == first;
        if (!follows && found < kMost) stretches[found++] = {first / 2, 0};
        Stretch& stretch = stretches[found - 1];
        stretch.pairs = even(last) / 2 - stretch.first;
    }
    for (size_t i = 0; i < found; ++i) span += 2 * stretches[i].pairs;
    i16* const gathered = room(scratch.gathered, kChunk * even(m.inputs));
    for (size_t i = 0; i < choice.count; ++i) {
        const i16* const from = x.at + choice.positions[i] * x.stride;
        i16* to = gathered + i * span;
        for (size_t j = 0; j < found; ++j) {
            const size_t first = 2 * stretches[j].first, last = first + 2 * stretches[j].pairs;
            copy(to, from + first, std::min(last, m.inputs) - first);
            to += last - first;
            if (last > m.inputs) to[-1] = 0;
        }
    }
    Product job;
    job.x = gathered;
    job.x_stride = span;
    job.out = room(scratch.joined, kChunk * m.padded());
    job.out_stride = m.padded();
    job.whole_panels = true;
    product(m, job, choice.count, {{stretches, found}, choice.panels});
    const size_t panels = choice.panels != nullptr ? choice.panels->size() : m.panels();
    for (size_t i = 0; i < choice.count; ++i) {
        for (size_t j = 0; j < panels; ++j) {
            const size_t column = (choice.panels != nullptr ? (*choice.panels)[j] : j) * kPanel;
            copy(out.at + choice.positions[i] * out.stride + column, job.out + i * job.out_stride + column,
                 std::min(kPanel, m.outputs - column));
        }
    }
}

// x + reduce(expand(joined)) for positions whose branch's input lies in scratch.joined.
void residual(const In& x, size_t stride, const Matrix& expand, const Matrix& reduce, const Out& out, size_t first,
              size_t count, Scratch& scratch) {
    Product up;
    up.x = scratch.joined.data();
    up.x_stride = stride;
    up.out = room(scratch.hidden, kChunk * expand.padded());
    up.out_stride = expand.padded();
    up.whole_panels = true;
    product(expand, up, count);
    Product down;
    down.x = up.out;
    down.x_stride = up.out_stride;
    down.out = out.at + (first - out.skip) * out.stride;
    down.out_stride = out.stride;
    down.addend = x.at + first * x.stride;
    down.addend_stride = x.stride;
    product(reduce, down, count);
}

void partial_block(const In& x, const PartialBlock& block, const Out& out, size_t first, size_t last,
                   Scratch& scratch) {
    const size_t count = last - first, split = block.conv->outputs, span = even(9 * split);
    const size_t stride = std::max(even(x.channels), block.conv->padded());
    i16* const seen = room(scratch.gathered, kChunk * span);
    for (size_t i = 0; i < count; ++i) {
        const size_t row = (first + i) / x.width, column = (first + i) % x.width;
        i16* at = seen + i * span;
        for (size_t tap = 0; tap < 9; ++tap, at += split) {
            const size_t y = row + tap / 3, z = column + tap % 3;  // one more than the position read
            if (y < 1 || y > x.height || z < 1 || z > x.width) {
                std::memset(at, 0, split * sizeof(i16));
            } else {
                copy(at, x.at + ((y - 1) * x.width + z - 1) * x.stride, split);
            }
        }
        if (span != 9 * split) *at = 0;
    }
    i16* const joined = room(scratch.joined, kChunk * stride);
    Product mix;
    mix.x = seen;
    mix.x_stride = span;
    mix.out = joined;
    mix.out_stride = stride;
    mix.whole_panels = true;
    product(*block.conv, mix, count);
    for (size_t i = 0; i < count; ++i) {
        copy(joined + i * stride + split, x.at + (first + i) * x.stride + split, x.channels - split);
        if (x.channels % 2 != 0) joined[i * stride + x.channels] = 0;
    }
    residual(x, stride, *block.expand, *block.reduce, out, first, count, scratch);
}

// Sixteen channels at a time of a depthwise convolution at one position, two taps at once. Returns how many channels.
#if defined(HPCM_VECTORS)
size_t mix(const Depthwise& conv, const i16* const* taps, const i16* const* weights, int seen, i16* to) {
    const __m256i low = _mm256_set1_epi16(conv.low), high = _mm256_set1_epi16(conv.high);
    size_t c = 0;
    for (; c + 16 <= conv.channels; c += 16) {
        // Channels 0 to 3 and 8 to 11, 4 to 7 and 12 to 15: as unpacking leaves them and packing takes them.
        const auto split = [c](const std::vector<i32>& all, __m256i& first, __m256i& second) {
            const __m256i a = load(&all[c]), b = load(&all[c + 8]);
            first = _mm256_permute2x128_si256(a, b, 0x20);
            second = _mm256_permute2x128_si256(a, b, 0x31);
        };
        __m256i acc0, acc1, shift0, shift1;
        split(conv.bias, acc0, acc1);
        split(conv.shift, shift0, shift1);
        for (int t = 0; t < seen; t += 2) {
            const bool both = t + 1 < seen;
            const __m256i n = load(taps[t] + c), w = load(weights[t] + c);
            const __m256i n2 = both ? load(taps[t + 1] + c) : _mm256_setzero_si256();
            const __m256i w2 = both ? load(weights[t + 1] + c) : _mm256_setzero_si256();
            const __m256i sum0 = _mm256_madd_epi16(_mm256_unpacklo_epi16(n, n2), _mm256_unpacklo_epi16(w, w2));
            const __m256i sum1 = _mm256_madd_epi16(_mm256_unpackhi_epi16(n, n2), _mm256_unpackhi_epi16(w, w2));
            acc0 = _mm256_add_epi32(acc0, sum0);
            acc1 = _mm256_add_epi32(acc1, sum1);
        }
        const __m256i n = _mm256_packs_epi32(_mm256_srav_epi32(acc0, shift0), _mm256_srav_epi32(acc1, shift1));
        const __m256i done = _mm256_min_epi16(_mm256_max_epi16(n, low), high);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + c), done);
    }
    return c;
}
#else
size_t mix(const Depthwise&, const i16* const*, const i16* const*, int, i16*) { return 0; }
#endif

// All channels at one position.
void channels(const Depthwise& conv, const i16* const* taps, const i16* const* weights, int seen, i16* to) {
    constexpr size_t kPart = 64;
    for (size_t c = mix(conv, taps, weights, seen, to); c < conv.channels; c += kPart) {
        const size_t size = std::min(kPart, conv.channels - c);
        i32 acc[kPart];
        std::memcpy(acc, conv.bias.data() + c, size * sizeof(i32));
        for (int t = 0; t < seen; ++t) {
            const i16 *n = taps[t] + c, *w = weights[t] + c;
            for (size_t j = 0; j < size; ++j) acc[j] += static_cast<i32>(n[j]) * w[j];
        }
        for (size_t j = 0; j < size; ++j) to[c + j] = clamp(acc[j] >> conv.shift[c + j], conv.low, conv.high);
    }
}

void depthwise_block(const In& x, const DepthwiseBlock& block, const Out& out, size_t first, size_t last,
                     Scratch& scratch) {
    const Depthwise& conv = *block.conv;
    const size_t count = last - first, stride = even(x.channels);
    i16* const mixed = room(scratch.joined, kChunk * stride);
    for (size_t i = 0; i < count; ++i) {
        const size_t row = (first + i) / x.width, column = (first + i) % x.width;
        i16* const to = mixed + i * stride;
        const i16* taps[9];
        const i16* weights[9];
        int seen = 0;
        for (size_t tap = 0; tap < 9; ++tap) {
            const size_t y = row + tap / 3, z = column + tap % 3;  // one more than the position read
            if (y < 1 || y > x.height || z < 1 || z > x.width) continue;
            taps[seen] = x.at + ((y - 1) * x.width + z - 1) * x.stride;
            weights[seen++] = conv.weight.data() + tap * x.channels;
        }
        channels(conv, taps, weights, seen, to);
        if (stride != x.channels) to[x.channels] = 0;
    }
    residual(x, stride, *block.expand, *block.reduce, out, first, count, scratch);
}

void scale(const Scale& scale, i16* x, size_t count) {
    const size_t channels = scale.factor.size();
    const i16* const factor = scale.factor.data();
    const i32 *const bias = scale.bias.data(), *const shift = scale.shift.data();
    for (size_t i = 0; i < count; ++i, x += channels) {
        for (size_t c = 0; c < channels; ++c) {
            x[c] = clamp((static_cast<i32>(x[c]) * factor[c] + bias[c]) >> shift[c], scale.low, scale.high);
        }
    }
}

void mixed(const Depthwise& conv, const i16* const* taps, size_t stride, i16* out, size_t out_stride,
           size_t positions) {
    const size_t seen = conv.weight.size() / conv.channels;
    const i16* at[kMaxTaps];
    const i16* weights[kMaxTaps];
    for (size_t t = 0; t < seen; ++t) {
        at[t] = taps[t];
        weights[t] = conv.weight.data() + t * conv.channels;
    }
    for (size_t i = 0; i < positions; ++i) {
        channels(conv, at, weights, static_cast<int>(seen), out + i * out_stride);
        for (size_t t = 0; t < seen; ++t) at[t] += stride;
    }
}

void gated(const Gate& gate, const i16* m, const i16* u, i16* out, size_t values) {
    const Gate g = gate;
    const i32 inner_half = (1 << g.inner_shift) >> 1, half = (1 << g.shift) >> 1;
    for (size_t i = 0; i < values; ++i) {
        const i32 n = m[i], t = std::min(std::max(n + g.three, 0), 2 * g.three);
        const i32 inner = std::min(std::max((n * t + inner_half) >> g.inner_shift, -g.inner_bound), g.inner_bound);
        out[i] = static_cast<i16>(std::min(std::max((inner * u[i] + half) >> g.shift, -g.bound), g.bound));
    }
}

}  // namespace

#define HPCM_TEXT_OF(name) #name
#define HPCM_TEXT(name) HPCM_TEXT_OF(name)

extern const Kernels HPCM_ISA;
const Kernels HPCM_ISA = {HPCM_TEXT(HPCM_ISA), patches, spread, pointwise, partial_block, depthwise_block,
                          scale,               product, mixed,  gated};

}  // namespace integer
