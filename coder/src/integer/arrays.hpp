// NumPy arrays as the kernels take them.

#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "kernels.hpp"
#include "run.hpp"

namespace integer {

namespace py = pybind11;

inline void require(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

template <class T>
using Array = py::array_t<T, py::array::c_style>;
using Narrow = Array<std::int16_t>;

inline std::size_t extent(const py::array& a, py::ssize_t axis) { return static_cast<std::size_t>(a.shape(axis)); }

// Which kernels compute, on how many threads.
class Engine {
public:
    Engine(const std::string& name, int threads) : threads_(threads) {
        require(threads >= 1, "There must be at least one thread.");
        for (const Kernels* set : available()) {
            if (name == set->name) kernels_ = set;
        }
        if (kernels_ == nullptr) throw std::invalid_argument("This machine has no instruction set called " + name + ".");
    }

    std::string name() const { return kernels_->name; }
    Run run(Watch& watch) const { return {kernels_, threads_, &watch}; }

private:
    const Kernels* kernels_ = nullptr;
    int threads_;
};

// Transforms, tiles and what they are made of, for the module (session_binding.cpp).
void bind_session(py::module_& m, py::class_<Engine>& engine);

}  // namespace integer
