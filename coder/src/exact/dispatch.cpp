#include <cstring>

#include "cpu.hpp"
#include "kernels.hpp"

namespace exact {

extern const Kernels avx512_vnni, avx_vnni, avx2, portable;  // those that were built

void pack(const std::int16_t* weight, std::size_t outputs, std::size_t inputs, std::int16_t* packed) {
    std::memset(packed, 0, packed_size(outputs, inputs) * sizeof *packed);
    for (std::size_t o = 0; o < outputs; ++o) {
        std::int16_t* const panel = packed + o / kPanel * 2 * kPanel * inputs + o % kPanel * 2;
        for (std::size_t k = 0; k < inputs; ++k) {
            const int w = weight[o * inputs + k];
            const int high = (w + (1 << (kDigitBits - 1))) >> kDigitBits;  // leaves a low digit in [-64, 63]
            std::int16_t* const pair = panel + k / 2 * 4 * kPanel + k % 2;
            pair[0] = static_cast<std::int16_t>(high);
            pair[2 * kPanel] = static_cast<std::int16_t>(w - high * (1 << kDigitBits));
        }
    }
}

const Kernels* const* available(std::size_t& count) {
    static const Kernels* found[4];
    static const std::size_t size = [] {
        std::size_t n = 0;
        const Cpu cpu = detect_cpu();
        static_cast<void>(cpu);
#if defined(HPCM_AVX512_VNNI)
        if (cpu.avx512_vnni) found[n++] = &avx512_vnni;
#endif
#if defined(HPCM_AVX_VNNI)
        if (cpu.avx_vnni) found[n++] = &avx_vnni;
#endif
#if defined(HPCM_AVX2)
        if (cpu.avx2) found[n++] = &avx2;
#endif
        found[n++] = &portable;
        return n;
    }();
    count = size;
    return found;
}

}  // namespace exact
