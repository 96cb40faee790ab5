#include "alone.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace integer {
namespace {

constexpr std::size_t kAtOnce = 32;  // each task has memory of its own

// Not exact::parallel, whose caller works too: it would ask nobody until its own task ends, which takes a tenth of a
// second and more.
class Crew {
public:
    Crew(const Run& run, std::size_t count, const std::function<void(std::size_t, const Run&)>& task)
        : run_{run.kernels, 1, run.watch}, count_(count), task_(task) {}

    // The tasks on so many threads, of which the caller's is none. total: of the tasks that there are beside these too.
    void work(std::size_t threads, std::size_t total) {
        std::vector<std::thread> workers;
        workers.reserve(threads);
        try {
            while (workers.size() < threads) {
                enter();
                workers.emplace_back([this] { serve(); });
            }
        } catch (const std::system_error&) {  // as many as the system gives share the tasks
            leave();
        }
        std::unique_lock<std::mutex> lock(mutex_);
        while (!idle_.wait_for(lock, Watch::kPause, [this] { return working_ == 0; })) {
            lock.unlock();
            try {
                run_.watch->reached(static_cast<double>(done_.load()) / static_cast<double>(total));
                static_cast<void>(run_.watch->stopped());
            } catch (...) {
                fail();
            }
            lock.lock();
        }
        lock.unlock();
        for (std::thread& worker : workers) worker.join();
        if (workers.empty()) take();
        if (thrown_ != nullptr) std::rethrow_exception(thrown_);
    }

private:
    void enter() {
        const std::lock_guard<std::mutex> lock(mutex_);
        ++working_;
    }

    void leave() {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (--working_ == 0) idle_.notify_one();
    }

    void take() noexcept {
        try {
            for (std::size_t i = next_.fetch_add(1); i < count_; i = next_.fetch_add(1)) {
                run_.watch->check();
                task_(i, run_);
                done_.fetch_add(1);
            }
        } catch (...) {
            fail();
        }
    }

    // Of what is being thrown: nothing more is begun, and it comes out when all have ended.
    void fail() noexcept {
        next_.store(count_);
        const std::lock_guard<std::mutex> lock(mutex_);
        if (thrown_ == nullptr) thrown_ = std::current_exception();
    }

    void serve() noexcept {
        take();
        leave();
    }

    const Run run_;
    const std::size_t count_;
    const std::function<void(std::size_t, const Run&)>& task_;
    std::atomic<std::size_t> next_{0}, done_{0};
    std::mutex mutex_;
    std::condition_variable idle_;
    std::size_t working_ = 0;
    std::exception_ptr thrown_;  // the first
};

}  // namespace

void each_alone(const Run& run, std::size_t count, const std::function<void(std::size_t, const Run&)>& task) {
    const std::size_t threads = std::min(static_cast<std::size_t>(run.threads), kAtOnce);
    std::size_t done = threads > 1 ? count / threads * threads : 0;
    run.watch->check();
    if (done > 0) Crew(run, done, task).work(threads, count);
    for (; done < count; ++done) {
        run.watch->reached(static_cast<double>(done) / static_cast<double>(count));
        run.watch->check();
        task(done, run);
    }
}

}  // namespace integer
