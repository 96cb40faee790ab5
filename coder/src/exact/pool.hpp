// Threads that share the tasks of one call.

#pragma once

#include <cstddef>
#include <functional>

namespace exact {

// Run task(i) for every i below `tasks`, each once, on up to `threads` threads with the calling one among them, and
// return when all are done. What a task throws comes out of here; then some others are not run. If another call holds
// the pool, everything runs on the caller.
void parallel(std::size_t tasks, int threads, const std::function<void(std::size_t)>& task);

}  // namespace exact
