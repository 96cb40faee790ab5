// Compiled once for each instruction set, with HPCM_ISA as the name of this one's table. Everything but that table is
// local to the file, so that no function compiled for one instruction set is ever called on a machine without it.
// HPCM_AVX512_VNNI and HPCM_AVX_VNNI say what no compiler's own macro says everywhere. HPCM_SCALAR keeps to the plain loops, so that they can be tested on machines that have better.

#include "kernels.hpp"

#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#elif !defined(HPCM_SCALAR) && (defined(__SSE2__) || defined(_M_X64))
#define HPCM_SSE2
#include <emmintrin.h>
#endif

namespace exact {
namespace {

#if defined(_MSC_VER) && !defined(__clang__)
#define HPCM_RESTRICT __restrict
#else
#define HPCM_RESTRICT __restrict__
#endif

inline std::int64_t rnd(std::int64_t a, int shift) {
    return shift == 0 ? a : (a + (std::int64_t{1} << (shift - 1))) >> shift;
}

// a * 2^shift. Through unsigned numbers, since C++17 leaves the left shift of a negative one undefined.
inline std::int64_t shift_left(std::int64_t a, std::int64_t shift) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) << shift);
}

// A signed shift, taken apart once for a whole loop.
struct Move {
    int left, right;
    std::int64_t half;
    explicit Move(int shift)
        : left(shift > 0 ? shift : 0), right(shift < 0 ? -shift : 0), half(right > 0 ? std::int64_t{1} << (right - 1) : 0) {}
    std::int64_t operator()(std::int64_t a) const { return (shift_left(a, left) + half) >> right; }
};

inline std::int64_t larger(std::int64_t peak, std::int64_t a) {
    const std::int64_t magnitude = a < 0 ? -a : a;
    return magnitude > peak ? magnitude : peak;
}

// One kRows x kPanel block of sums over at most kChunk products: acc[row][digit][column], high digits first.
using Block = std::int32_t[kRows][2][kPanel];

#if defined(HPCM_AVX512_VNNI)

template <int Rows>
void products(const std::int16_t* x, std::size_t stride, const std::int16_t* weight, std::size_t pairs, Block& block) {
    __m512i acc[Rows][4];
    for (auto& row : acc) {
        for (auto& a : row) a = _mm512_setzero_si512();
    }
    for (std::size_t p = 0; p < pairs; ++p, weight += 4 * kPanel) {
        __m512i w[4];
        for (int j = 0; j < 4; ++j) w[j] = _mm512_loadu_si512(weight + kPanel * j);
        for (int r = 0; r < Rows; ++r) {
            std::int32_t pair;
            std::memcpy(&pair, x + static_cast<std::size_t>(r) * stride + 2 * p, sizeof pair);
            const __m512i n = _mm512_set1_epi32(pair);
            for (int j = 0; j < 4; ++j) acc[r][j] = _mm512_dpwssd_epi32(acc[r][j], n, w[j]);
        }
    }
    for (int r = 0; r < Rows; ++r) {
        for (int j = 0; j < 4; ++j) _mm512_storeu_si512(&block[r][j / 2][j % 2 * 16], acc[r][j]);
    }
}

#elif defined(__AVX2__) || defined(HPCM_SSE2)

#if defined(__AVX2__)
using Vector = __m256i;
inline Vector zeros() { return _mm256_setzero_si256(); }
inline Vector load(const std::int16_t* at) { return _mm256_loadu_si256(reinterpret_cast<const Vector*>(at)); }
inline void store(std::int32_t* at, Vector v) { _mm256_storeu_si256(reinterpret_cast<Vector*>(at), v); }
inline Vector everywhere(std::int32_t pair) { return _mm256_set1_epi32(pair); }
inline Vector dot(Vector acc, Vector a, Vector b) {
#if defined(HPCM_AVX_VNNI)
    return _mm256_dpwssd_avx_epi32(acc, a, b);
#else
    return _mm256_add_epi32(acc, _mm256_madd_epi16(a, b));
#endif
}
#else
using Vector = __m128i;
inline Vector zeros() { return _mm_setzero_si128(); }
inline Vector load(const std::int16_t* at) { return _mm_loadu_si128(reinterpret_cast<const Vector*>(at)); }
inline void store(std::int32_t* at, Vector v) { _mm_storeu_si128(reinterpret_cast<Vector*>(at), v); }
inline Vector everywhere(std::int32_t pair) { return _mm_set1_epi32(pair); }
inline Vector dot(Vector acc, Vector a, Vector b) { return _mm_add_epi32(acc, _mm_madd_epi16(a, b)); }
#endif

// Three positions by two vectors of both digits at a time: what sixteen registers hold.
template <int Rows>
void products(const std::int16_t* x, std::size_t stride, const std::int16_t* weight, std::size_t pairs, Block& block) {
    constexpr int kPart = Rows < 3 ? Rows : 3;
    constexpr int kLanes = sizeof(Vector) / sizeof(std::int32_t);
    static_assert(Rows % kPart == 0 && kPanel % (2 * kLanes) == 0, "Positions and columns are taken in equal parts.");
    for (int first = 0; first < Rows; first += kPart) {
        for (int column = 0; column < kPanel; column += 2 * kLanes) {
            Vector acc[kPart][4];
            for (auto& row : acc) {
                for (auto& a : row) a = zeros();
            }
            const std::int16_t* w = weight + 2 * column;
            for (std::size_t p = 0; p < pairs; ++p, w += 4 * kPanel) {
                for (int r = 0; r < kPart; ++r) {
                    std::int32_t pair;
                    std::memcpy(&pair, x + static_cast<std::size_t>(first + r) * stride + 2 * p, sizeof pair);
                    const Vector n = everywhere(pair);
                    for (int j = 0; j < 4; ++j) {
                        acc[r][j] = dot(acc[r][j], n, load(w + j / 2 * 2 * kPanel + j % 2 * 2 * kLanes));
                    }
                }
            }
            for (int r = 0; r < kPart; ++r) {
                for (int j = 0; j < 4; ++j) store(&block[first + r][j / 2][column + j % 2 * kLanes], acc[r][j]);
            }
        }
    }
}

#else

template <int Rows>
void products(const std::int16_t* x, std::size_t stride, const std::int16_t* weight, std::size_t pairs, Block& block) {
    for (int r = 0; r < Rows; ++r) {
        const std::int16_t* n = x + static_cast<std::size_t>(r) * stride;
        for (int digit = 0; digit < 2; ++digit) {
            std::int32_t acc[kPanel] = {};
            const std::int16_t* w = weight + digit * 2 * kPanel;
            for (std::size_t p = 0; p < pairs; ++p, w += 4 * kPanel) {
                const std::int16_t a = n[2 * p], b = n[2 * p + 1];
                for (int c = 0; c < kPanel; ++c) acc[c] += a * w[2 * c] + b * w[2 * c + 1];
            }
            std::memcpy(block[r][digit], acc, sizeof acc);
        }
    }
}

#endif

// Bias, LeakyReLU or addend of one position's sums in one panel; `sums` are without the channels' left shifts.
template <bool Leaky, int Plus>
std::int64_t finish(const Linear& job, const std::int64_t* HPCM_RESTRICT sums, std::size_t position, std::size_t first,
                    std::size_t count) {
    const std::int64_t* HPCM_RESTRICT bias = job.bias + first;
    const std::int64_t* HPCM_RESTRICT left = job.left + first;
    const std::size_t at = position * job.outputs + first;
    std::int64_t* HPCM_RESTRICT out = job.out + at;
    const Move sum_move(Plus != 0 ? job.plus.sum_shift : 0), plus_move(Plus != 0 ? job.plus.shift : 0);
    std::int64_t peak = 0;
    for (std::size_t c = 0; c < count; ++c) {
        std::int64_t a = shift_left(sums[c], left[c]) + bias[c];
        if (Leaky) a = a < 0 ? (a * 41 + 2048) >> 12 : a;
        if (Plus == 1) a = sum_move(a) + plus_move(job.plus.narrow[at + c]);
        if (Plus == 2) a = sum_move(a) + plus_move(job.plus.wide[at + c]);
        out[c] = a;
        peak = larger(peak, a);
    }
    return peak;
}

template <int Rows>
std::int64_t linear_rows(const Linear& job, std::size_t position, std::size_t panel) {
    std::int64_t sums[Rows][kPanel] = {};
    const std::int16_t* weight = job.weight + panel * 2 * kPanel * job.inputs;
    const std::int16_t* x = job.x + position * job.inputs;
    Block block;
    for (std::size_t k = 0; k < job.inputs; k += kChunk) {
        const std::size_t inputs = job.inputs - k < kChunk ? job.inputs - k : kChunk;
        products<Rows>(x + k, job.inputs, weight + k * 2 * kPanel, inputs / 2, block);
        for (int r = 0; r < Rows; ++r) {
            for (int c = 0; c < kPanel; ++c) {
                sums[r][c] += std::int64_t{block[r][0][c]} * (1 << kDigitBits) + block[r][1][c];
            }
        }
    }
    const std::size_t first = panel * kPanel;
    const std::size_t count = job.outputs - first < kPanel ? job.outputs - first : kPanel;
    std::int64_t peak = 0;
    for (std::size_t r = 0; r < Rows; ++r) {
        std::int64_t p;
        if (job.leaky) {
            p = finish<true, 0>(job, sums[r], position + r, first, count);
        } else if (job.plus.narrow != nullptr) {
            p = finish<false, 1>(job, sums[r], position + r, first, count);
        } else if (job.plus.wide != nullptr) {
            p = finish<false, 2>(job, sums[r], position + r, first, count);
        } else {
            p = finish<false, 0>(job, sums[r], position + r, first, count);
        }
        peak = larger(peak, p);
    }
    return peak;
}

std::int64_t linear(const Linear& job, std::size_t first, std::size_t last, std::size_t panel) {
    std::int64_t peak = 0;
    std::size_t position = first;
    for (; position + kRows <= last; position += kRows) peak = larger(peak, linear_rows<kRows>(job, position, panel));
    for (; position < last; ++position) peak = larger(peak, linear_rows<1>(job, position, panel));
    return peak;
}

std::int64_t depthwise(const Depthwise& job, std::size_t first_row, std::size_t last_row) {
    const std::size_t channels = job.channels;
    std::int64_t peak = 0;
    const std::int64_t* HPCM_RESTRICT bias = job.bias;
    const std::int64_t* HPCM_RESTRICT left = job.left;
    for (std::size_t row = first_row; row < last_row; ++row) {
        for (std::size_t column = 0; column < job.width; ++column) {
            const std::int16_t* taps[9];
            const std::int16_t* weights[9];
            int count = 0;
            for (std::size_t tap = 0; tap < 9; ++tap) {
                const std::size_t y = row + tap / 3, x = column + tap % 3;  // one more than the position read
                if (y < 1 || y > job.height || x < 1 || x > job.width) continue;
                taps[count] = job.x + ((y - 1) * job.width + x - 1) * channels;
                weights[count++] = job.weight + tap * channels;
            }
            std::int64_t* HPCM_RESTRICT out = job.out + (row * job.width + column) * channels;
            constexpr std::size_t kBlock = 64;
            for (std::size_t c = 0; c < channels; c += kBlock) {
                const std::size_t size = channels - c < kBlock ? channels - c : kBlock;
                // Four products of 32639 * 8127 fit an int32 eight times over; nine would not always.
                std::int32_t some[kBlock] = {}, others[kBlock] = {};
                for (int t = 0; t < count; ++t) {
                    std::int32_t* HPCM_RESTRICT acc = t < 5 ? some : others;
                    const std::int16_t* HPCM_RESTRICT n = taps[t] + c;
                    const std::int16_t* HPCM_RESTRICT w = weights[t] + c;
                    for (std::size_t i = 0; i < size; ++i) acc[i] += static_cast<std::int32_t>(n[i]) * w[i];
                }
                for (std::size_t i = 0; i < size; ++i) {
                    const std::int64_t sum = static_cast<std::int64_t>(some[i]) + others[i];
                    out[c + i] = shift_left(sum, left[c + i]) + bias[c + i];
                    peak = larger(peak, out[c + i]);
                }
            }
        }
    }
    return peak;
}

std::int64_t scale(const std::int16_t* x, const std::int64_t* factors, std::size_t channels, std::int64_t* out,
                   std::size_t first, std::size_t last) {
    std::int64_t peak = 0;
    for (std::size_t position = first; position < last; ++position) {
        const std::int16_t* HPCM_RESTRICT n = x + position * channels;
        std::int64_t* HPCM_RESTRICT to = out + position * channels;
        for (std::size_t c = 0; c < channels; ++c) {
            to[c] = n[c] * factors[c];
            peak = larger(peak, to[c]);
        }
    }
    return peak;
}

template <class T>
std::int64_t place(const T* HPCM_RESTRICT x, int shift, std::int64_t* HPCM_RESTRICT out, std::size_t count) {
    const Move moved(shift);
    std::int64_t peak = 0;
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = moved(x[i]);
        peak = larger(peak, out[i]);
    }
    return peak;
}

void round(const std::int64_t* HPCM_RESTRICT sums, int shift, std::int16_t* HPCM_RESTRICT out, std::size_t count) {
    const std::int64_t half = shift > 0 ? std::int64_t{1} << (shift - 1) : 0;
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::int16_t>((sums[i] + half) >> shift);
}

// 2^-t in units of 2^-16 for t = below * factor in the units that `shift` brings to 1/1024.
inline double softmax_weight(std::int64_t below, const Attention& job) {
    constexpr std::int64_t kLimit = std::int64_t{kOctaves} << kPowerBits;
    std::int64_t steps = below * job.factor;
    if (job.shift >= 0) {
        steps = rnd(steps, job.shift);
    } else {
        steps = (steps < kLimit ? steps : kLimit) << (-job.shift < 30 ? -job.shift : 30);
    }
    if (steps >= kLimit) return 0;
    return static_cast<double>(rnd(job.powers[steps & ((1 << kPowerBits) - 1)], static_cast<int>(steps >> kPowerBits)));
}

// Integers in doubles: all are below 2^53, so sums and products are exact in any order.
void attend(const Attention& job, std::size_t task) {
    const std::size_t side = job.window, tokens = side * side, head = job.channels / job.heads;
    const std::size_t across = job.width / side;
    const std::size_t window = task / job.heads, channel = task % job.heads * head;
    const std::size_t top = window / across * side, left = window % across * side;
    const auto at = [&](std::size_t token) {
        return ((top + token / side) * job.width + left + token % side) * job.channels + channel;
    };
    double keys[kMaxHead][kMaxTokens], values[kMaxTokens][kMaxHead];
    for (std::size_t t = 0; t < tokens; ++t) {
        const std::int16_t *k = job.k + at(t), *v = job.v + at(t);
        for (std::size_t d = 0; d < head; ++d) {
            keys[d][t] = k[d];
            values[t][d] = v[d];
        }
    }
    for (std::size_t t = 0; t < tokens; ++t) {
        const std::int16_t* q = job.q + at(t);
        double scores[kMaxTokens] = {};
        for (std::size_t d = 0; d < head; ++d) {
            const double n = q[d];
            for (std::size_t j = 0; j < tokens; ++j) scores[j] += n * keys[d][j];
        }
        double top_score = scores[0];
        for (std::size_t j = 1; j < tokens; ++j) top_score = scores[j] > top_score ? scores[j] : top_score;
        double total = 0, mixed[kMaxHead] = {};
        for (std::size_t j = 0; j < tokens; ++j) {
            const double weight = softmax_weight(static_cast<std::int64_t>(top_score - scores[j]), job);
            if (weight == 0) continue;
            total += weight;
            for (std::size_t d = 0; d < head; ++d) mixed[d] += weight * values[j][d];
        }
        std::int64_t* out = job.out + at(t);
        for (std::size_t d = 0; d < head; ++d) {
            // A rounded quotient below 2^21 of integers below 2^43 and 2^24 never reaches the next integer.
            const double quotient = (32 * mixed[d] + total) / (2 * total);
            const auto towards_zero = static_cast<std::int64_t>(quotient);
            out[d] = towards_zero - (static_cast<double>(towards_zero) > quotient ? 1 : 0);
        }
    }
}

}  // namespace

#define HPCM_TEXT_OF(name) #name
#define HPCM_TEXT(name) HPCM_TEXT_OF(name)

extern const Kernels HPCM_ISA;
const Kernels HPCM_ISA = {
    HPCM_TEXT(HPCM_ISA), linear, depthwise, scale, place<std::int16_t>, place<std::int64_t>, round, attend};

}  // namespace exact
