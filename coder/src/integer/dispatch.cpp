#include <algorithm>

#include "cpu.hpp"
#include "kernels.hpp"

namespace integer {

extern const Kernels avx512_vnni, avx_vnni, avx2, portable;  // those that were built

std::int16_t* room(std::vector<std::int16_t>& buffer, std::size_t values) {
    if (buffer.size() < values) buffer.resize(values);
    return buffer.data();
}

void pack(const std::int16_t* weight, Matrix& matrix) {
    matrix.weight.assign(matrix.padded() * matrix.pairs() * 2, 0);
    for (std::size_t o = 0; o < matrix.outputs; ++o) {
        std::int16_t* const panel = matrix.weight.data() + o / kPanel * matrix.pairs() * 2 * kPanel + o % kPanel * 2;
        for (std::size_t k = 0; k < matrix.inputs; ++k) {
            panel[k / 2 * 2 * kPanel + k % 2] = weight[o * matrix.inputs + k];
        }
    }
}

const std::vector<const Kernels*>& available() {
    static const std::vector<const Kernels*> found = [] {
        std::vector<const Kernels*> sets;
        const exact::Cpu cpu = exact::detect_cpu();
        static_cast<void>(cpu);
#if defined(HPCM_AVX512_VNNI)
        if (cpu.avx512_vnni) sets.push_back(&avx512_vnni);
#endif
#if defined(HPCM_AVX_VNNI)
        if (cpu.avx_vnni) sets.push_back(&avx_vnni);
#endif
#if defined(HPCM_AVX2)
        if (cpu.avx2) sets.push_back(&avx2);
#endif
        sets.push_back(&portable);
        return sets;
    }();
    return found;
}

}  // namespace integer
