// Tests of the threads that share the work of the kernels: a part of exact_tests.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <functional>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
#define HPCM_FORK
#endif

#include "check.hpp"
#include "pool.hpp"

namespace {

using Sizes = std::initializer_list<std::size_t>;

// Every task once, on no more threads than asked for. A task marks memory that only it writes, without a lock.
void run_tasks(std::size_t tasks, int threads) {
    std::vector<int> runs(tasks);
    std::mutex mutex;
    std::set<std::thread::id> seen;
    exact::parallel(tasks, threads, [&](std::size_t i) {
        ++runs.at(i);
        const std::lock_guard<std::mutex> lock(mutex);
        seen.insert(std::this_thread::get_id());
    });
    CHECK(std::count(runs.begin(), runs.end(), 1) == static_cast<std::ptrdiff_t>(tasks));
    CHECK(seen.size() <= static_cast<std::size_t>(threads));
    if (threads == 1 && tasks > 0) CHECK(*seen.begin() == std::this_thread::get_id());
}

// What tasks throw comes out of the call, on whatever threads and however many they are, once nobody works any more.
void test_throwing() {
    for (const int threads : {1, 2, 3}) {
        for (const std::size_t one : Sizes{0, 1, 16, 17}) {  // that throws; 17: all of them
            std::atomic<int> busy{0};
            bool thrown = false;
            try {
                exact::parallel(17, threads, [&](std::size_t i) {
                    ++busy;
                    if (threads > 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
                    --busy;
                    if (i == one || one == 17) throw std::out_of_range("thrown");
                });
            } catch (const std::out_of_range&) {
                thrown = true;
            }
            CHECK(thrown && busy.load() == 0);
            run_tasks(17, threads);
        }
    }
}

#if defined(HPCM_FORK)
// In a process made by fork, which is killed if it does not end.
void in_child(const std::function<void()>& work) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(60);
        work();
        _exit(0);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
#endif

}  // namespace

void test_pool();
void test_pool() {
    for (int round = 0; round < 200; ++round) {
        for (const int threads : {1, 2, 3, 2}) {  // the pool grows, and leaves out threads that it has
            for (const std::size_t tasks : Sizes{0, 1, 2, 3, 17}) run_tasks(tasks, threads);
        }
        // Now and then long enough for the threads to fall asleep.
        if (round % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    // As many tasks at one time as threads: each waits until all have begun.
    for (const int threads : {2, 3}) {
        std::atomic<int> begun{0};
        exact::parallel(static_cast<std::size_t>(threads), threads, [&](std::size_t) {
            ++begun;
            while (begun.load() < threads) std::this_thread::yield();
        });
    }
    // Calls at the same time: one has the pool, the others do their work themselves.
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 3; ++caller) {
        callers.emplace_back([] {
            for (int round = 0; round < 200; ++round) run_tasks(17, 3);
        });
    }
    for (std::thread& caller : callers) caller.join();
#if defined(HPCM_FORK)
    // A process made by fork has none of the threads.
    in_child([] {
        for (int round = 0; round < 20; ++round) run_tasks(17, 3);
    });
#if defined(__GLIBC__)
    // The system may refuse threads: here, since no address space has room for their stacks.
    in_child([] {
        pthread_attr_t huge;
        CHECK(pthread_attr_init(&huge) == 0 && pthread_attr_setstacksize(&huge, std::size_t{1} << 60) == 0);
        CHECK(pthread_setattr_default_np(&huge) == 0);
        for (int round = 0; round < 20; ++round) run_tasks(17, 3);
    });
#endif
    run_tasks(17, 3);
#endif
    test_throwing();
}
