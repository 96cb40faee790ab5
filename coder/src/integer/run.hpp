// Who computes, on how many threads, and for whom.

#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels.hpp"
#include "pool.hpp"
#include "watch.hpp"

namespace integer {

struct Run {
    const Kernels* kernels;
    int threads;
    Watch* watch;

    // task(i) for every i below `count`, shared by the threads. Throws Stopped.
    template <class Task>
    void share(std::size_t count, const Task& task) const {
        exact::parallel(count, threads, [&](std::size_t i) {
            if (!watch->stopped()) task(i);
        });
        watch->check();
    }

    // function(begin, end, scratch) over positions [first, last), in chunks. Throws Stopped.
    template <class Function>
    void in_chunks(std::size_t first, std::size_t last, const Function& function) const {
        share((last - first + kChunk - 1) / kChunk, [&](std::size_t i) {
            thread_local Scratch scratch;
            const std::size_t begin = first + i * kChunk;
            function(begin, std::min(last, begin + kChunk), scratch);
        });
    }
};

}  // namespace integer
