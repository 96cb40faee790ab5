// The Python face of the kernels of exact arithmetic: NumPy arrays are read and written in place, without Python's lock.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels.hpp"
#include "pool.hpp"

namespace py = pybind11;

namespace {

using exact::Kernels;

// Arrays must come as they are: a conversion would be a copy, and a result written to a copy is lost.
template <class T>
using Array = py::array_t<T, py::array::c_style>;
using Narrow = Array<std::int16_t>;
using Wide = Array<std::int64_t>;

constexpr std::size_t kGrain = 1 << 15;      // values that one task of a simple loop takes
constexpr std::size_t kTaskRows = 96;        // positions of one task of a matrix product: kept in a second-level cache
constexpr int kShiftMax = 62;

std::size_t extent(const py::array& a, py::ssize_t axis) { return static_cast<std::size_t>(a.shape(axis)); }
std::size_t size(const py::array& a) { return static_cast<std::size_t>(a.size()); }

void require(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

const Kernels& kernels(const std::string& name) {
    std::size_t count = 0;
    const Kernels* const* all = exact::available(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (name == all[i]->name) return *all[i];
    }
    throw std::invalid_argument("This machine has no instruction set called " + name + ".");
}

// The largest of what tasks return.
class Peak {
public:
    void add(std::int64_t value) {
        std::int64_t seen = peak_.load();
        while (value > seen && !peak_.compare_exchange_weak(seen, value)) {}
    }
    std::int64_t value() const { return peak_.load(); }

private:
    std::atomic<std::int64_t> peak_{0};
};

template <class Function>
void in_ranges(std::size_t count, std::size_t grain, int threads, const Function& function) {
    exact::parallel((count + grain - 1) / grain, threads, [&](std::size_t i) {
        function(i * grain, std::min(count, (i + 1) * grain));
    });
}

class Engine {
public:
    Engine(const std::string& name, int threads) : kernels_(kernels(name)), threads_(threads) {
        require(threads >= 1, "There must be at least one thread.");
    }

    std::string name() const { return kernels_.name; }

    std::int64_t linear(const Narrow& x, const Narrow& weight, const Wide& left, const Wide& bias, bool leaky,
                        const py::object& plus, int plus_shift, int sum_shift, Wide out) const {
        exact::Linear job;
        require(x.ndim() == 3 && out.ndim() == 3, "Tensors have three axes.");
        job.inputs = extent(x, 2);
        job.positions = extent(x, 0) * extent(x, 1);
        job.outputs = extent(out, 2);
        require(job.inputs % 2 == 0, "The number of input channels must be even.");
        require(extent(out, 0) * extent(out, 1) == job.positions, "The output does not fit the input.");
        require(size(weight) == exact::packed_size(job.outputs, job.inputs), "The weights do not fit.");
        require(size(left) == job.outputs && size(bias) == job.outputs, "The biases do not fit.");
        require(std::abs(plus_shift) <= kShiftMax && std::abs(sum_shift) <= kShiftMax, "A shift is too large.");
        job.x = x.data();
        job.weight = weight.data();
        job.left = left.data();
        job.bias = bias.data();
        job.out = out.mutable_data();
        job.leaky = leaky;
        Narrow narrow;
        Wide wide;
        if (py::isinstance<Narrow>(plus)) {
            narrow = py::cast<Narrow>(plus);
            require(size(narrow) == size(out), "The addend does not fit.");
            job.plus = {narrow.data(), nullptr, plus_shift, sum_shift};
        } else if (!plus.is_none()) {
            wide = py::cast<Wide>(plus);
            require(size(wide) == size(out), "The addend does not fit.");
            job.plus = {nullptr, wide.data(), plus_shift, sum_shift};
        }
        const py::gil_scoped_release release;
        Peak peak;
        const std::size_t panels = job.panels(), blocks = (job.positions + kTaskRows - 1) / kTaskRows;
        exact::parallel(blocks * panels, threads_, [&](std::size_t task) {
            const std::size_t first = task / panels * kTaskRows;
            peak.add(kernels_.linear(job, first, std::min(job.positions, first + kTaskRows), task % panels));
        });
        return peak.value();
    }

    std::int64_t depthwise(const Narrow& x, const Narrow& weight, const Wide& left, const Wide& bias, Wide out) const {
        require(x.ndim() == 3 && size(out) == size(x), "The output does not fit the input.");
        exact::Depthwise job;
        job.height = extent(x, 0);
        job.width = extent(x, 1);
        job.channels = extent(x, 2);
        require(size(weight) == 9 * job.channels && size(left) == job.channels && size(bias) == job.channels,
                "The weights do not fit.");
        job.x = x.data();
        job.weight = weight.data();
        job.left = left.data();
        job.bias = bias.data();
        job.out = out.mutable_data();
        const py::gil_scoped_release release;
        Peak peak;
        in_ranges(job.height, 1, threads_,
                  [&](std::size_t first, std::size_t last) { peak.add(kernels_.depthwise(job, first, last)); });
        return peak.value();
    }

    std::int64_t scale(const Narrow& x, const Wide& factors, Wide out) const {
        const std::size_t channels = size(factors);
        require(channels > 0 && size(x) % channels == 0 && size(out) == size(x), "The factors do not fit.");
        const std::int16_t* const from = x.data();
        const std::int64_t* const by = factors.data();
        std::int64_t* const to = out.mutable_data();
        const py::gil_scoped_release release;
        Peak peak;
        in_ranges(size(x) / channels, std::max<std::size_t>(1, kGrain / channels), threads_,
                  [&](std::size_t first, std::size_t last) {
                      peak.add(kernels_.scale(from, by, channels, to, first, last));
                  });
        return peak.value();
    }

    // Move x by `shift` into channels `channel` and on of out: H x W x C into H x W x C'.
    std::int64_t place(const py::object& x, int shift, Wide out, std::size_t channel) const {
        require(std::abs(shift) <= kShiftMax, "A shift is too large.");
        if (py::isinstance<Narrow>(x)) return place_as(py::cast<Narrow>(x), kernels_.place_narrow, shift, out, channel);
        return place_as(py::cast<Wide>(x), kernels_.place_wide, shift, out, channel);
    }

    void round(const Wide& sums, int shift, Narrow out) const {
        require(size(out) == size(sums), "The output does not fit the input.");
        require(0 <= shift && shift <= kShiftMax, "A shift is too large.");
        const std::int64_t* const from = sums.data();
        std::int16_t* const to = out.mutable_data();
        const py::gil_scoped_release release;
        in_ranges(size(sums), kGrain, threads_, [&](std::size_t first, std::size_t last) {
            kernels_.round(from + first, shift, to + first, last - first);
        });
    }

    void attend(const Narrow& q, const Narrow& k, const Narrow& v, std::size_t heads, std::size_t window,
                std::int64_t factor, int shift, const Wide& powers, Wide out) const {
        require(q.ndim() == 3 && size(k) == size(q) && size(v) == size(q) && size(out) == size(q),
                "Queries, keys, values and output must have one shape.");
        exact::Attention job;
        job.height = extent(q, 0);
        job.width = extent(q, 1);
        job.channels = extent(q, 2);
        job.heads = heads;
        job.window = window;
        require(heads >= 1 && job.channels % heads == 0 && job.channels / heads <= exact::kMaxHead,
                "The heads do not divide the channels.");
        require(window >= 1 && window * window <= exact::kMaxTokens && job.height % window == 0 &&
                    job.width % window == 0,
                "The windows do not divide the tensor.");
        require(size(powers) == std::size_t{1} << exact::kPowerBits && shift <= kShiftMax, "The table does not fit.");
        job.q = q.data();
        job.k = k.data();
        job.v = v.data();
        job.powers = powers.data();
        job.out = out.mutable_data();
        job.factor = factor;
        job.shift = shift;
        const py::gil_scoped_release release;
        exact::parallel(job.tasks(), threads_, [&](std::size_t task) { kernels_.attend(job, task); });
    }

private:
    template <class T>
    std::int64_t place_as(const Array<T>& x, std::int64_t (*kernel)(const T*, int, std::int64_t*, std::size_t),
                          int shift, Wide& out, std::size_t channel) const {
        require(x.ndim() == 3 && out.ndim() == 3 && extent(x, 0) == extent(out, 0) && extent(x, 1) == extent(out, 1) &&
                    channel + extent(x, 2) <= extent(out, 2),
                "The part does not fit.");
        const std::size_t channels = extent(x, 2), stride = extent(out, 2);
        const std::size_t positions = extent(x, 0) * extent(x, 1);
        const T* const from = x.data();
        std::int64_t* const to = out.mutable_data() + channel;
        const py::gil_scoped_release release;
        Peak peak;
        in_ranges(positions, std::max<std::size_t>(1, kGrain / channels), threads_,
                  [&](std::size_t first, std::size_t last) {
                      for (std::size_t p = first; p < last; ++p) {
                          peak.add(kernel(from + p * channels, shift, to + p * stride, channels));
                      }
                  });
        return peak.value();
    }

    const Kernels& kernels_;
    int threads_;
};

Narrow pack(const Narrow& weight) {
    require(weight.ndim() == 2 && weight.shape(1) % 2 == 0, "Weights are outputs x an even number of inputs.");
    Narrow packed(static_cast<py::ssize_t>(exact::packed_size(extent(weight, 0), extent(weight, 1))));
    exact::pack(weight.data(), extent(weight, 0), extent(weight, 1), packed.mutable_data());
    return packed;
}

py::list instruction_sets() {
    py::list names;
    std::size_t count = 0;
    const Kernels* const* all = exact::available(count);
    for (std::size_t i = 0; i < count; ++i) names.append(all[i]->name);
    return names;
}

}  // namespace

PYBIND11_MODULE(_exact, m) {
    m.doc() = "Layers of exact arithmetic on int16 activations and int64 sums, H x W x C.";
    m.def("pack", &pack, py::arg("weight").noconvert());
    m.def("instruction_sets", &instruction_sets);
    const auto array = [](const char* name) { return py::arg(name).noconvert(); };
    py::class_<Engine>(m, "Engine")
        .def(py::init<const std::string&, int>(), py::arg("instruction_set"), py::arg("threads"))
        .def_property_readonly("name", &Engine::name)
        .def("linear", &Engine::linear, array("x"), array("weight"), array("left"), array("bias"), py::arg("leaky"),
             py::arg("plus"), py::arg("plus_shift"), py::arg("sum_shift"), array("out"))
        .def("depthwise", &Engine::depthwise, array("x"), array("weight"), array("left"), array("bias"), array("out"))
        .def("scale", &Engine::scale, array("x"), array("factors"), array("out"))
        .def("place", &Engine::place, array("x"), py::arg("shift"), array("out"), py::arg("channel"))
        .def("round", &Engine::round, array("sums"), py::arg("shift"), array("out"))
        .def("attend", &Engine::attend, array("q"), array("k"), array("v"), py::arg("heads"), py::arg("window"),
             py::arg("factor"), py::arg("shift"), array("powers"), array("out"));
}
