// The compilers' own __builtin_cpu_supports is not there for MSVC; asked directly, all of them give one answer.

#include "cpu.hpp"

#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
#define HPCM_X86
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif

namespace exact {

#if defined(HPCM_X86)

namespace {

struct Registers {
    std::uint32_t a, b, c, d;
};

Registers cpuid(std::uint32_t leaf, std::uint32_t subleaf) {
#if defined(_MSC_VER) && !defined(__clang__)
    int out[4];
    __cpuidex(out, static_cast<int>(leaf), static_cast<int>(subleaf));
    return {static_cast<std::uint32_t>(out[0]), static_cast<std::uint32_t>(out[1]), static_cast<std::uint32_t>(out[2]),
            static_cast<std::uint32_t>(out[3])};
#else
    Registers r{};
    __cpuid_count(leaf, subleaf, r.a, r.b, r.c, r.d);
    return r;
#endif
}

// Which registers the operating system saves: bit 1 SSE, 2 AVX, 5 to 7 AVX-512.
std::uint64_t saved_registers() {
#if defined(_MSC_VER) && !defined(__clang__)
    return _xgetbv(0);
#else
    std::uint32_t low = 0, high = 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return std::uint64_t{high} << 32 | low;
#endif
}

constexpr bool bit(std::uint32_t value, int index) { return (value >> index & 1u) != 0; }

}  // namespace

Cpu detect_cpu() {
    Cpu cpu;
    const std::uint32_t last = cpuid(0, 0).a;
    const Registers one = cpuid(1, 0);
    const bool fma = bit(one.c, 12), osxsave = bit(one.c, 27), avx = bit(one.c, 28);
    if (last < 7 || !osxsave || !avx) return cpu;
    const std::uint64_t saved = saved_registers();
    constexpr std::uint64_t kAvx = 0x6, kAvx512 = 0xE6;
    if ((saved & kAvx) != kAvx) return cpu;
    const Registers seven = cpuid(7, 0);
    cpu.avx2 = bit(seven.b, 5) && fma;
    cpu.avx_vnni = cpu.avx2 && seven.a >= 1 && bit(cpuid(7, 1).a, 4);
    const bool f = bit(seven.b, 16), dq = bit(seven.b, 17), bw = bit(seven.b, 30), vl = bit(seven.b, 31);
    cpu.avx512_vnni = cpu.avx2 && (saved & kAvx512) == kAvx512 && f && dq && bw && vl && bit(seven.c, 11);
    return cpu;
}

#else

Cpu detect_cpu() { return {}; }

#endif

}  // namespace exact
