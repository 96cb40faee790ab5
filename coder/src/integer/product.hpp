// Products of a matrix with positions, and what ends its sums: a part of kernels.cpp, compiled with it once for each
// instruction set and as local to it as the rest.

#pragma once

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

// What is done with sums that are shifted: int16 that are clamped, leaky or added to a residual; or int32 as they are.
enum class End { kClamped, kLeaky, kResidual, kWide };

// Pairs of inputs that lie together among the weights, and all that are multiplied: of positions' values only these are
// there, one stretch behind the other.
struct Stretch {
    size_t first, pairs;
};
struct Stretches {
    const Stretch* at;
    size_t count;

    const Stretch* begin() const { return at; }
    const Stretch* end() const { return at + count; }
};

// What of a product is computed: its inputs, and which panels of its outputs, or all.
struct Part {
    Stretches inputs;
    const std::vector<size_t>* panels;
};

// Weights of columns that are computed together, and the first of these.
struct Panel {
    const i16* weight;
    Stretches inputs;
    size_t column;
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

// Two rounds of a loop in one: with a pair of inputs a round, its counters cost a twentieth of what six instructions a
// cycle can do, which is what products need.
#if defined(__clang__)
#define HPCM_TWICE _Pragma("clang loop unroll_count(2)")
#elif defined(__GNUC__)
#define HPCM_TWICE _Pragma("GCC unroll 2")
#else
#define HPCM_TWICE
#endif

#if defined(HPCM_VECTORS)
inline __m256i load(const void* at) { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }
#endif

#if defined(HPCM_VECTORS) && defined(HPCM_AVX512_VNNI)

// Twelve positions by thirty-two columns.
constexpr size_t kRows = 12, kLanes = 16;
using Lanes = __m512i;  // int32

inline Lanes read(const void* at) { return _mm512_loadu_si512(at); }
inline void write(i32* at, Lanes n) { _mm512_storeu_si512(at, n); }
inline Lanes every(i32 n) { return _mm512_set1_epi32(n); }
inline Lanes dot(Lanes acc, Lanes a, Lanes b) { return _mm512_dpwssd_epi32(acc, a, b); }
// With a mask of everything, since some compilers warn of the plain ones' own undefined registers.
inline Lanes shifted(Lanes n, Lanes by) { return _mm512_maskz_srav_epi32(0xFFFF, n, by); }

// Two vectors of shifted sums, finished: clamped, then leaky or added to. `some` chooses those that there are.
template <End E>
inline void put(Lanes n0, Lanes n1, const Matrix& m, const Product& job, size_t row, size_t column) {
    const size_t left = m.outputs - column;
    const __mmask32 some = left >= kPanel ? ~__mmask32{0} : (__mmask32{1} << left) - 1;
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);  // packs works on 128-bit quarters
    __m512i n = _mm512_maskz_permutexvar_epi64(0xFF, order, _mm512_packs_epi32(n0, n1));
    const __m512i low = _mm512_set1_epi16(m.low), high = _mm512_set1_epi16(m.high);
    n = _mm512_min_epi16(_mm512_max_epi16(n, low), high);
    if constexpr (E == End::kLeaky) n = _mm512_max_epi16(n, _mm512_mulhrs_epi16(n, _mm512_set1_epi16(328)));
    if constexpr (E == End::kResidual) {
        const i16* const addend = job.addend + row * job.addend_stride + column;
        n = _mm512_adds_epi16(n, _mm512_maskz_loadu_epi16(some, addend));
        n = _mm512_min_epi16(_mm512_max_epi16(n, low), high);
    }
    _mm512_mask_storeu_epi16(job.out + row * job.out_stride + column, some, n);
}

#elif defined(HPCM_VECTORS)

// Six positions by sixteen columns: what sixteen registers hold.
constexpr size_t kRows = 6, kLanes = 8;
using Lanes = __m256i;  // int32

inline Lanes read(const void* at) { return load(at); }
inline void write(i32* at, Lanes n) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), n); }
inline Lanes every(i32 n) { return _mm256_set1_epi32(n); }
inline Lanes shifted(Lanes n, Lanes by) { return _mm256_srav_epi32(n, by); }
inline Lanes dot(Lanes acc, Lanes a, Lanes b) {
#if defined(HPCM_AVX_VNNI)
    return _mm256_dpwssd_avx_epi32(acc, a, b);
#else
    return _mm256_add_epi32(acc, _mm256_madd_epi16(a, b));
#endif
}

// Sixteen finished values: clamped, then leaky or added to.
template <End E>
inline __m256i finish(__m256i n, __m256i low, __m256i high, const i16* addend) {
    n = _mm256_min_epi16(_mm256_max_epi16(n, low), high);
    if constexpr (E == End::kLeaky) n = _mm256_max_epi16(n, _mm256_mulhrs_epi16(n, _mm256_set1_epi16(328)));
    if constexpr (E == End::kResidual) {
        n = _mm256_adds_epi16(n, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(addend)));
        n = _mm256_min_epi16(_mm256_max_epi16(n, low), high);
    }
    return n;
}

// Two vectors of shifted sums.
template <End E>
inline void put(Lanes n0, Lanes n1, const Matrix& m, const Product& job, size_t row, size_t column) {
    // packs works on 128-bit halves.
    __m256i n = _mm256_permute4x64_epi64(_mm256_packs_epi32(n0, n1), 0xD8);
    const __m256i low = _mm256_set1_epi16(m.low), high = _mm256_set1_epi16(m.high);
    i16* const out = job.out + row * job.out_stride + column;
    const i16* const addend = E == End::kResidual ? job.addend + row * job.addend_stride + column : nullptr;
    if (column + 16 <= m.outputs || (job.whole_panels && E != End::kResidual)) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), finish<E>(n, low, high, addend));
        return;
    }
    if (column >= m.outputs) return;
    i16 some[16] = {};
    const size_t bytes = (m.outputs - column) * sizeof(i16);
    if constexpr (E == End::kResidual) std::memcpy(some, addend, bytes);
    n = finish<E>(n, low, high, some);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(some), n);
    std::memcpy(out, some, bytes);
}

#endif

#if defined(HPCM_VECTORS)

constexpr size_t kColumns = 2 * kLanes;  // of a tile

template <size_t Rows, End E>
void tile(const Matrix& m, const Panel& panel, const Product& job, size_t first) {
    const i16* const x = job.x + first * job.x_stride;
    for (size_t at = 0; at < kPanel && panel.column + at < m.outputs; at += kColumns) {
        const size_t column = panel.column + at;
        const Lanes b0 = read(&m.bias[column]), b1 = read(&m.bias[column + kLanes]);
        Lanes acc[Rows][2];
        each_row<Rows>([&](size_t r) { acc[r][0] = b0, acc[r][1] = b1; });
        const i16* n = x;
        for (const Stretch& stretch : panel.inputs) {
            const i16* w = panel.weight + 2 * (stretch.first * kPanel + at);
            HPCM_TWICE
            for (size_t p = 0; p < stretch.pairs; ++p, w += 2 * kPanel, n += 2) {
                const Lanes w0 = read(w), w1 = read(w + 2 * kLanes);
                each_row<Rows>([&](size_t r) {
                    const Lanes pair = every(load_pair(n + r * job.x_stride));
                    acc[r][0] = dot(acc[r][0], pair, w0);
                    acc[r][1] = dot(acc[r][1], pair, w1);
                });
            }
        }
        const Lanes s0 = read(&m.shift[column]), s1 = read(&m.shift[column + kLanes]);
        each_row<Rows>([&](size_t r) {
            const Lanes n0 = shifted(acc[r][0], s0), n1 = shifted(acc[r][1], s1);
            if constexpr (E == End::kWide) {
                i32* const out = job.wide + (first + r) * job.out_stride + column;
                write(out, n0);
                write(out + kLanes, n1);
            } else {
                put<E>(n0, n1, m, job, first + r, column);
            }
        });
    }
}

#else

constexpr size_t kRows = 4;

template <size_t Rows, End E>
void tile(const Matrix& m, const Panel& panel, const Product& job, size_t first) {
    i32 acc[Rows][kPanel] = {};
    const i16* n = job.x + first * job.x_stride;
    for (const Stretch& stretch : panel.inputs) {
        const i16* w = panel.weight + 2 * stretch.first * kPanel;
        for (size_t p = 0; p < stretch.pairs; ++p, w += 2 * kPanel, n += 2) {
            for (size_t r = 0; r < Rows; ++r) {
                const i32 a = n[r * job.x_stride], b = n[r * job.x_stride + 1];
                for (size_t c = 0; c < kPanel; ++c) acc[r][c] += a * w[2 * c] + b * w[2 * c + 1];
            }
        }
    }
    const size_t column = panel.column, count = std::min(kPanel, m.outputs - column);
    const i32 *const bias = &m.bias[column], *const shift = &m.shift[column];
    for (size_t r = 0; r < Rows; ++r) {
        const size_t at = (first + r) * job.out_stride + column;
        if constexpr (E == End::kWide) {
            for (size_t c = 0; c < count; ++c) job.wide[at + c] = (acc[r][c] + bias[c]) >> shift[c];
            continue;
        }
        const i16* const addend = E == End::kResidual ? job.addend + (first + r) * job.addend_stride + column : nullptr;
        for (size_t c = 0; c < count; ++c) {
            i16 v = clamp((acc[r][c] + bias[c]) >> shift[c], m.low, m.high);
            if constexpr (E == End::kLeaky) v = leak(v);
            if constexpr (E == End::kResidual) v = clamp(v + addend[c], m.low, m.high);
            job.out[at + c] = v;
        }
    }
}

#endif

template <End E>
void rows(const Matrix& m, const Panel& panel, const Product& job, size_t count) {
    size_t row = 0;
    for (; row + kRows <= count; row += kRows) tile<kRows, E>(m, panel, job, row);
    if constexpr (kRows > 6) {
        for (; row + 6 <= count; row += 6) tile<6, E>(m, panel, job, row);
    }
    for (; row + 3 <= count; row += 3) tile<3, E>(m, panel, job, row);
    for (; row < count; ++row) tile<1, E>(m, panel, job, row);
}

// A matrix on `count` positions. One panel of weights at a time stays in the first cache for all of them.
template <End E>
void panels(const Matrix& m, const Product& job, size_t count, const Part& part) {
    const size_t all = part.panels != nullptr ? part.panels->size() : m.panels();
    for (size_t i = 0; i < all; ++i) {
        const size_t panel = part.panels != nullptr ? (*part.panels)[i] : i;
        rows<E>(m, {m.weight.data() + 2 * panel * m.pairs() * kPanel, part.inputs, panel * kPanel}, job, count);
    }
}

void product(const Matrix& m, const Product& job, size_t count, const Part& part) {
    if (job.wide != nullptr) {
        panels<End::kWide>(m, job, count, part);
    } else if (job.addend != nullptr) {
        panels<End::kResidual>(m, job, count, part);
    } else if (m.leaky) {
        panels<End::kLeaky>(m, job, count, part);
    } else {
        panels<End::kClamped>(m, job, count, part);
    }
}

// All of it.
void product(const Matrix& m, const Product& job, size_t count) {
    const Stretch all{0, m.pairs()};
    product(m, job, count, {{&all, 1}, nullptr});
}

}  // namespace
}  // namespace integer
