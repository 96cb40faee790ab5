#include "pool.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace exact {
namespace {

constexpr int kSpins = 20000;  // some tens of microseconds: shorter than waking a thread that sleeps

class Pool {
public:
    void run(std::size_t tasks, int helpers, const std::function<void(std::size_t)>& task) {
        try {
            while (static_cast<int>(workers_.size()) < helpers) {
                workers_.emplace_back(
                    [this, index = static_cast<int>(workers_.size()), round = round_.load()] { serve(index, round); });
            }
        } catch (const std::system_error&) {
            // As many as the system gives, which may have a limit, share the tasks.
        }
        task_ = &task;
        tasks_ = tasks;
        next_.store(0, std::memory_order_relaxed);
        busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            helpers_ = helpers;
            round_.fetch_add(1, std::memory_order_release);
        }
        wake_.notify_all();
        work();
        while (busy_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
        if (const std::exception_ptr thrown = std::exchange(thrown_, nullptr)) std::rethrow_exception(thrown);
    }

private:
    void work() noexcept {
        try {
            for (std::size_t i = next_.fetch_add(1); i < tasks_; i = next_.fetch_add(1)) (*task_)(i);
        } catch (...) {
            // Nothing may leave a thread, nor the caller while others still work on what is its own.
            next_.store(tasks_);
            const std::lock_guard<std::mutex> lock(mutex_);
            if (thrown_ == nullptr) thrown_ = std::current_exception();
        }
    }

    // `seen` is the round before the worker was made: it has been counted in the next one, however late it starts.
    void serve(int index, std::uint64_t seen) {
        for (;;) {
            for (int i = 0; i < kSpins && round_.load(std::memory_order_acquire) == seen; ++i) {}
            if (round_.load(std::memory_order_acquire) == seen) {
                std::unique_lock<std::mutex> lock(mutex_);
                wake_.wait(lock, [&] { return round_.load(std::memory_order_acquire) != seen; });
            }
            ++seen;
            if (index < helpers_) work();
            busy_.fetch_sub(1, std::memory_order_release);
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::thread> workers_;
    const std::function<void(std::size_t)>* task_ = nullptr;
    std::size_t tasks_ = 0;
    int helpers_ = 0;
    std::exception_ptr thrown_;  // by a task, the first
    std::atomic<std::size_t> next_{0};
    std::atomic<int> busy_{0};
    std::atomic<std::uint64_t> round_{0};
};

// Never destroyed: its threads may outlive the interpreter. A process made by fork has no threads, and takes a new one.
Pool& pool() {
    static Pool* current = new Pool;
#if defined(__unix__) || defined(__APPLE__)
    static pid_t owner = getpid();
    if (owner != getpid()) {
        owner = getpid();
        current = new Pool;
    }
#endif
    return *current;
}

std::mutex& gate() {
    static std::mutex mutex;
    return mutex;
}

}  // namespace

void parallel(std::size_t tasks, int threads, const std::function<void(std::size_t)>& task) {
    if (threads > 1 && tasks > 1) {
        const std::unique_lock<std::mutex> lock(gate(), std::try_to_lock);
        if (lock.owns_lock()) {
            pool().run(tasks, threads - 1, task);
            return;
        }
    }
    for (std::size_t i = 0; i < tasks; ++i) task(i);
}

}  // namespace exact
