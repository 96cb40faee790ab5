// Tests of tasks that have a thread each: a part of session_tests.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <stdexcept>
#include <thread>
#include <vector>

#include "alone.hpp"
#include "check.hpp"

namespace integer {
extern const Kernels scalar;
}

using integer::each_alone;
using integer::Run;
using integer::Stopped;
using integer::Watch;
using Sizes = std::initializer_list<std::size_t>;

// Tasks beside one another: each once, on as many threads as there should be, and whoever waits for them asks meanwhile.
void test_alone() {
    for (const int threads : {1, 2, 3}) {
        for (const std::size_t count : Sizes{0, 1, 2, 3, 7}) {
            const std::size_t apart = threads > 1 ? count - count % static_cast<std::size_t>(threads) : 0;
            std::vector<std::atomic<int>> times(count);
            Watch watch{{}};
            each_alone({&integer::scalar, threads, &watch}, count, [&](std::size_t i, const Run& run) {
                ++times[i];
                CHECK(run.threads == (i < apart ? 1 : threads) && run.kernels == &integer::scalar && run.watch == &watch);
            });
            for (const auto& one : times) CHECK(one == 1);
        }
    }
    const auto caller = std::this_thread::get_id();
    std::atomic<int> asked{0}, working{0};
    double done = 0;
    const auto ask = [&](double now) {
        CHECK(std::this_thread::get_id() == caller && done <= now && now <= 1);
        done = now;
        return ++asked < 5;
    };
    const auto run_of = [](Watch& watch) { return Run{&integer::scalar, 2, &watch}; };
    // Left when it is not wanted any more, which the tasks see that would never end.
    Watch watch(ask, Watch::Clock::duration::zero());
    try {
        each_alone(run_of(watch), 4, [&](std::size_t, const Run& run) {
            ++working;
            while (!run.watch->stopped()) std::this_thread::yield();
            --working;
            run.watch->check();
        });
        CHECK(false && "stopped");
    } catch (const Stopped&) {
    }
    CHECK(asked == 5 && working == 0);
    // Asked before the first begins, however soon all end.
    asked = 0, done = 0;
    Watch patient(ask, std::chrono::hours(1));
    each_alone(run_of(patient), 4, [&](std::size_t, const Run&) { CHECK(asked == 1); });
    CHECK(asked == 1);
    // What is thrown by whoever is asked comes out in the same way.
    Watch failing([&](double) -> bool { return ++asked < 3 ? true : throw std::runtime_error("nobody answers"); },
                  Watch::Clock::duration::zero());
    bool thrown = false;
    try {
        each_alone(run_of(failing), 64, [&](std::size_t, const Run&) {
            ++working;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            --working;
        });
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    CHECK(thrown && asked >= 3 && working == 0);
    // What a task throws comes out when the others have ended; of those behind it hardly one is begun.
    std::atomic<int> begun{0};
    Watch free{{}};
    try {
        each_alone(run_of(free), 64, [&](std::size_t i, const Run&) {
            ++begun, ++working;
            if (i == 1) {
                --working;
                throw std::domain_error("damaged");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            --working;
        });
        CHECK(false && "thrown");
    } catch (const std::domain_error&) {
    }
    CHECK(begun < 64 && working == 0);
}
