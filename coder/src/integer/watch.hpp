// Whether work is still wanted, and how far it is.

#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace integer {

// The work was given up because nobody wants it any more.
class Stopped : public std::runtime_error {
public:
    Stopped() : std::runtime_error("The work was stopped.") {}
};

// Made by the thread that starts the work. All threads ask it between chunks of a millisecond or less; the one that
// made it passes the question on when some time has passed since the last answer.
class Watch {
public:
    using Clock = std::chrono::steady_clock;
    // Told the fraction that is done; false if the work is not wanted any more.
    using Ask = std::function<bool(double)>;
    static constexpr std::chrono::milliseconds kPause{10};

    explicit Watch(Ask ask, Clock::duration pause = kPause) : ask_(std::move(ask)), pause_(pause) {}

    bool stopped() {
        if (!stopped_.load(std::memory_order_relaxed) && ask_ && std::this_thread::get_id() == owner_) {
            const auto now = Clock::now();
            if (now - asked_ >= pause_) {
                if (!ask_(done_)) stopped_.store(true, std::memory_order_relaxed);
                asked_ = Clock::now();
            }
        }
        return stopped_.load(std::memory_order_relaxed);
    }

    // Throws Stopped.
    void check() {
        if (stopped()) throw Stopped();
    }

    // By the owner.
    void reached(double done) { done_ = done; }

private:
    Ask ask_;
    Clock::duration pause_;
    std::thread::id owner_ = std::this_thread::get_id();
    Clock::time_point asked_ = Clock::now() - pause_;  // so that the first question is passed on
    double done_ = 0;
    std::atomic<bool> stopped_{false};
};

}  // namespace integer
