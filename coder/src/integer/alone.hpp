// Tasks on threads of their own, where `Run` shares what is within one task.

#pragma once

#include <cstddef>
#include <functional>

#include "run.hpp"

namespace integer {

// task(i, run) for every i below `count`. While there is one for each thread, each has a thread to itself and none waits
// for another; those that are left have all threads, one task after the other. The caller's thread asks meanwhile
// whether the work is still wanted. Throws Stopped and what a task throws, when all have ended.
void each_alone(const Run& run, std::size_t count, const std::function<void(std::size_t, const Run&)>& task);

}  // namespace integer
