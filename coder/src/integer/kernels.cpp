// Compiled once for each instruction set, with HPCM_ISA as the name of this one's table. Everything but that table is
// local to the file, so that no function compiled for one instruction set is ever called on a machine without it.
// HPCM_AVX512_VNNI and HPCM_AVX_VNNI say what no compiler's own macro says everywhere. HPCM_SCALAR keeps to the plain
// loops, so that they can be tested on machines that have better.

#include "kernels.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#if defined(__AVX2__) && !defined(HPCM_SCALAR)
#include <immintrin.h>
#define HPCM_VECTORS
#endif

namespace integer {
namespace {

using i16 = std::int16_t;
using i32 = std::int32_t;
using std::size_t;

// Positions x inputs that a product reads, what it adds, and where it writes.
struct Product {
    const i16* x = nullptr;
    size_t x_stride = 0;
    i16* out = nullptr;
    size_t out_stride = 0;
    const i16* addend = nullptr;  // only where Residual
    size_t addend_stride = 0;
    bool whole_panels = false;  // out has room for all the panels' columns
};

inline i16 clamp(i32 n, i16 low, i16 high) { return static_cast<i16>(std::min<i32>(std::max<i32>(n, low), high)); }

inline i16 leak(i16 n) { return n < 0 ? static_cast<i16>((n * 328 + (1 << 14)) >> 15) : n; }

inline i32 load_pair(const i16* at) {
    i32 pair;
    std::memcpy(&pair, at, sizeof pair);
    return pair;
}

// f(0) ... f(Rows - 1), written out: accumulators stay in registers only where their indices are constants.
template <class Function, size_t... R>
inline void each(std::index_sequence<R...>, const Function& f) {
    (f(R), ...);
}
template <size_t Rows, class Function>
inline void each_row(const Function& f) {
    each(std::make_index_sequence<Rows>(), f);
}

#if defined(HPCM_VECTORS)
inline __m256i load(const void* at) { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }
#endif

#if defined(HPCM_VECTORS) && defined(HPCM_AVX512_VNNI)

constexpr size_t kRows = 12;

// A panel's values of one position, finished: clamped, then leaky or added to. `some` chooses those that there are.
template <bool Leaky, bool Residual>
inline void put(__m512i n, const Matrix& m, const Product& job, size_t row, size_t column, __mmask32 some) {
    const __m512i low = _mm512_set1_epi16(m.low), high = _mm512_set1_epi16(m.high);
    n = _mm512_min_epi16(_mm512_max_epi16(n, low), high);
    if (Leaky) n = _mm512_max_epi16(n, _mm512_mulhrs_epi16(n, _mm512_set1_epi16(328)));
    if (Residual) {
        const i16* const addend = job.addend + row * job.addend_stride + column;
        n = _mm512_adds_epi16(n, _mm512_maskz_loadu_epi16(some, addend));
        n = _mm512_min_epi16(_mm512_max_epi16(n, low), high);
    }
    _mm512_mask_storeu_epi16(job.out + row * job.out_stride + column, some, n);
}

template <size_t Rows, bool Leaky, bool Residual>
void tile(const Matrix& m, size_t panel, const Product& job, size_t first) {
    const size_t column = panel * kPanel, left = m.outputs - column;
    const __m512i b0 = _mm512_loadu_si512(&m.bias[column]), b1 = _mm512_loadu_si512(&m.bias[column + 16]);
    __m512i acc[Rows][2];
    each_row<Rows>([&](size_t r) { acc[r][0] = b0, acc[r][1] = b1; });
    const i16* w = m.weight.data() + panel * m.pairs() * 2 * kPanel;
    const i16* const x = job.x + first * job.x_stride;
    for (size_t p = 0; p < m.pairs(); ++p, w += 2 * kPanel) {
        const __m512i w0 = _mm512_loadu_si512(w), w1 = _mm512_loadu_si512(w + kPanel);
        each_row<Rows>([&](size_t r) {
            const __m512i n = _mm512_set1_epi32(load_pair(x + r * job.x_stride + 2 * p));
            acc[r][0] = _mm512_dpwssd_epi32(acc[r][0], n, w0);
            acc[r][1] = _mm512_dpwssd_epi32(acc[r][1], n, w1);
        });
    }
    const __m512i s0 = _mm512_loadu_si512(&m.shift[column]), s1 = _mm512_loadu_si512(&m.shift[column + 16]);
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);  // packs works on 128-bit quarters
    const __mmask32 some = left >= kPanel ? ~__mmask32{0} : (__mmask32{1} << left) - 1;
    each_row<Rows>([&](size_t r) {
        // With a mask of everything, since some compilers warn of the plain ones' own undefined registers.
        const __m512i n0 = _mm512_maskz_srav_epi32(0xFFFF, acc[r][0], s0);
        const __m512i n1 = _mm512_maskz_srav_epi32(0xFFFF, acc[r][1], s1);
        const __m512i n = _mm512_maskz_permutexvar_epi64(0xFF, order, _mm512_packs_epi32(n0, n1));
        put<Leaky, Residual>(n, m, job, first + r, column, some);
    });
}

#elif defined(HPCM_VECTORS)

constexpr size_t kRows = 6;

// Sixteen finished values: clamped, then leaky or added to.
template <bool Leaky, bool Residual>
inline __m256i finish(__m256i n, __m256i low, __m256i high, const i16* addend) {
    n = _mm256_min_epi16(_mm256_max_epi16(n, low), high);
    if (Leaky) n = _mm256_max_epi16(n, _mm256_mulhrs_epi16(n, _mm256_set1_epi16(328)));
    if (Residual) {
        n = _mm256_adds_epi16(n, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(addend)));
        n = _mm256_min_epi16(_mm256_max_epi16(n, low), high);
    }
    return n;
}

template <bool Leaky, bool Residual>
inline void put(__m256i n, const Matrix& m, const Product& job, size_t row, size_t column) {
    const __m256i low = _mm256_set1_epi16(m.low), high = _mm256_set1_epi16(m.high);
    i16* const out = job.out + row * job.out_stride + column;
    const i16* const addend = Residual ? job.addend + row * job.addend_stride + column : nullptr;
    if (column + 16 <= m.outputs || (job.whole_panels && !Residual)) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), finish<Leaky, Residual>(n, low, high, addend));
        return;
    }
    if (column >= m.outputs) return;
    i16 some[16] = {};
    const size_t bytes = (m.outputs - column) * sizeof(i16);
    if constexpr (Residual) std::memcpy(some, addend, bytes);
    n = finish<Leaky, Residual>(n, low, high, some);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(some), n);
    std::memcpy(out, some, bytes);
}

inline __m256i dot(__m256i acc, __m256i a, __m256i b) {
#if defined(HPCM_AVX_VNNI)
    return _mm256_dpwssd_avx_epi32(acc, a, b);
#else
    return _mm256_add_epi32(acc, _mm256_madd_epi16(a, b));
#endif
}

template <size_t Rows, bool Leaky, bool Residual>
void tile(const Matrix& m, size_t panel, const Product& job, size_t first) {
    const i16* const x = job.x + first * job.x_stride;
    // Six positions by sixteen columns: what sixteen registers hold.
    for (size_t half = 0; half < 2; ++half) {
        const size_t column = panel * kPanel + 16 * half;
        if (column >= m.outputs) break;
        const __m256i b0 = load(&m.bias[column]), b1 = load(&m.bias[column + 8]);
        __m256i acc[Rows][2];
        each_row<Rows>([&](size_t r) { acc[r][0] = b0, acc[r][1] = b1; });
        const i16* w = m.weight.data() + panel * m.pairs() * 2 * kPanel + 32 * half;
        for (size_t p = 0; p < m.pairs(); ++p, w += 2 * kPanel) {
            const __m256i w0 = load(w), w1 = load(w + 16);
            each_row<Rows>([&](size_t r) {
                const __m256i n = _mm256_set1_epi32(load_pair(x + r * job.x_stride + 2 * p));
                acc[r][0] = dot(acc[r][0], n, w0);
                acc[r][1] = dot(acc[r][1], n, w1);
            });
        }
        const __m256i s0 = load(&m.shift[column]), s1 = load(&m.shift[column + 8]);
        each_row<Rows>([&](size_t r) {
            const __m256i n0 = _mm256_srav_epi32(acc[r][0], s0);
            const __m256i n1 = _mm256_srav_epi32(acc[r][1], s1);
            // packs works on 128-bit halves.
            const __m256i n = _mm256_permute4x64_epi64(_mm256_packs_epi32(n0, n1), 0xD8);
            put<Leaky, Residual>(n, m, job, first + r, column);
        });
    }
}

#else

constexpr size_t kRows = 4;

template <size_t Rows, bool Leaky, bool Residual>
void tile(const Matrix& m, size_t panel, const Product& job, size_t first) {
    i32 acc[Rows][kPanel] = {};
    const i16* w = m.weight.data() + panel * m.pairs() * 2 * kPanel;
    for (size_t p = 0; p < m.pairs(); ++p, w += 2 * kPanel) {
        for (size_t r = 0; r < Rows; ++r) {
            const i16* const x = job.x + (first + r) * job.x_stride + 2 * p;
            const i32 a = x[0], b = x[1];
            for (size_t c = 0; c < kPanel; ++c) acc[r][c] += a * w[2 * c] + b * w[2 * c + 1];
        }
    }
    const size_t column = panel * kPanel, count = std::min(kPanel, m.outputs - column);
    for (size_t r = 0; r < Rows; ++r) {
        i16* const out = job.out + (first + r) * job.out_stride + column;
        for (size_t c = 0; c < count; ++c) {
            i16 n = clamp((acc[r][c] + m.bias[column + c]) >> m.shift[column + c], m.low, m.high);
            if (Leaky) n = leak(n);
            if (Residual) n = clamp(n + job.addend[(first + r) * job.addend_stride + column + c], m.low, m.high);
            out[c] = n;
        }
    }
}

#endif

template <bool Leaky, bool Residual>
void rows(const Matrix& m, size_t panel, const Product& job, size_t count) {
    size_t row = 0;
    for (; row + kRows <= count; row += kRows) tile<kRows, Leaky, Residual>(m, panel, job, row);
    if constexpr (kRows > 6) {
        for (; row + 6 <= count; row += 6) tile<6, Leaky, Residual>(m, panel, job, row);
    }
    for (; row + 3 <= count; row += 3) tile<3, Leaky, Residual>(m, panel, job, row);
    for (; row < count; ++row) tile<1, Leaky, Residual>(m, panel, job, row);
}

// A matrix on `count` positions. One panel of weights at a time stays in the first cache for all of them.
void product(const Matrix& m, const Product& job, size_t count) {
    for (size_t panel = 0; panel < m.panels(); ++panel) {
        if (job.addend != nullptr) {
            rows<false, true>(m, panel, job, count);
        } else if (m.leaky) {
            rows<true, false>(m, panel, job, count);
        } else {
            rows<false, false>(m, panel, job, count);
        }
    }
}

inline i16* room(std::vector<i16>& buffer, size_t values) {
    if (buffer.size() < values) buffer.resize(values);
    return buffer.data();
}

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
    down.out = out.at + first * out.stride;
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
        constexpr size_t kPart = 64;
        for (size_t c = mix(conv, taps, weights, seen, to); c < x.channels; c += kPart) {
            const size_t size = std::min(kPart, x.channels - c);
            i32 acc[kPart];
            std::memcpy(acc, conv.bias.data() + c, size * sizeof(i32));
            for (int t = 0; t < seen; ++t) {
                const i16 *n = taps[t] + c, *w = weights[t] + c;
                for (size_t j = 0; j < size; ++j) acc[j] += static_cast<i32>(n[j]) * w[j];
            }
            for (size_t j = 0; j < size; ++j) to[c + j] = clamp(acc[j] >> conv.shift[c + j], conv.low, conv.high);
        }
        if (stride != x.channels) to[x.channels] = 0;
    }
    residual(x, stride, *block.expand, *block.reduce, out, first, count, scratch);
}

}  // namespace

#define HPCM_TEXT_OF(name) #name
#define HPCM_TEXT(name) HPCM_TEXT_OF(name)

extern const Kernels HPCM_ISA;
const Kernels HPCM_ISA = {HPCM_TEXT(HPCM_ISA), patches, spread, partial_block, depthwise_block};

}  // namespace integer
