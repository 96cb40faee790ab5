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
template <End E>
inline void put(__m512i n, const Matrix& m, const Product& job, size_t row, size_t column, __mmask32 some) {
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

template <size_t Rows, End E>
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
        if constexpr (E == End::kWide) {
            i32* const out = job.wide + (first + r) * job.out_stride + column;
            _mm512_storeu_si512(out, n0);
            _mm512_storeu_si512(out + 16, n1);
        } else {
            const __m512i n = _mm512_maskz_permutexvar_epi64(0xFF, order, _mm512_packs_epi32(n0, n1));
            put<E>(n, m, job, first + r, column, some);
        }
    });
}

#elif defined(HPCM_VECTORS)

constexpr size_t kRows = 6;

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

template <End E>
inline void put(__m256i n, const Matrix& m, const Product& job, size_t row, size_t column) {
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

inline __m256i dot(__m256i acc, __m256i a, __m256i b) {
#if defined(HPCM_AVX_VNNI)
    return _mm256_dpwssd_avx_epi32(acc, a, b);
#else
    return _mm256_add_epi32(acc, _mm256_madd_epi16(a, b));
#endif
}

template <size_t Rows, End E>
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
            if constexpr (E == End::kWide) {
                i32* const out = job.wide + (first + r) * job.out_stride + column;
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), n0);
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 8), n1);
            } else {
                // packs works on 128-bit halves.
                const __m256i n = _mm256_permute4x64_epi64(_mm256_packs_epi32(n0, n1), 0xD8);
                put<E>(n, m, job, first + r, column);
            }
        });
    }
}

#else

constexpr size_t kRows = 4;

template <size_t Rows, End E>
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
    const i32 *const bias = &m.bias[column], *const shift = &m.shift[column];
    for (size_t r = 0; r < Rows; ++r) {
        const size_t at = (first + r) * job.out_stride + column;
        if constexpr (E == End::kWide) {
            for (size_t c = 0; c < count; ++c) job.wide[at + c] = (acc[r][c] + bias[c]) >> shift[c];
            continue;
        }
        const i16* const addend = E == End::kResidual ? job.addend + (first + r) * job.addend_stride + column : nullptr;
        for (size_t c = 0; c < count; ++c) {
            i16 n = clamp((acc[r][c] + bias[c]) >> shift[c], m.low, m.high);
            if constexpr (E == End::kLeaky) n = leak(n);
            if constexpr (E == End::kResidual) n = clamp(n + addend[c], m.low, m.high);
            job.out[at + c] = n;
        }
    }
}

#endif

template <End E>
void rows(const Matrix& m, size_t panel, const Product& job, size_t count) {
    size_t row = 0;
    for (; row + kRows <= count; row += kRows) tile<kRows, E>(m, panel, job, row);
    if constexpr (kRows > 6) {
        for (; row + 6 <= count; row += 6) tile<6, E>(m, panel, job, row);
    }
    for (; row + 3 <= count; row += 3) tile<3, E>(m, panel, job, row);
    for (; row < count; ++row) tile<1, E>(m, panel, job, row);
}

// A matrix on `count` positions. One panel of weights at a time stays in the first cache for all of them.
void product(const Matrix& m, const Product& job, size_t count) {
    for (size_t panel = 0; panel < m.panels(); ++panel) {
        if (job.wide != nullptr) {
            rows<End::kWide>(m, panel, job, count);
        } else if (job.addend != nullptr) {
            rows<End::kResidual>(m, panel, job, count);
        } else if (m.leaky) {
            rows<End::kLeaky>(m, panel, job, count);
        } else {
            rows<End::kClamped>(m, panel, job, count);
        }
    }
}

}  // namespace
}  // namespace integer
