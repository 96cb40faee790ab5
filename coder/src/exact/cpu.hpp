#pragma once

namespace exact {

// What the processor has and the operating system saves between threads, as far as there are kernels for it.
struct Cpu {
    bool avx2 = false;         // with FMA
    bool avx_vnni = false;     // the 256-bit form
    bool avx512_vnni = false;  // with F, BW, DQ and VL
};

// Asks the processor; all false on others than x86.
Cpu detect_cpu();

}  // namespace exact
