// The Python face of the kernels of profile 2: NumPy arrays are read and written in place, without Python's lock.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>

#include "arrays.hpp"
#include "phases.hpp"

namespace integer {
namespace {

void one_for_each(const Array<std::int32_t>& bias, const Array<std::uint8_t>& shift, std::size_t outputs) {
    require(bias.ndim() == 1 && extent(bias, 0) == outputs, "There is one bias an output.");
    require(shift.ndim() == 1 && extent(shift, 0) == outputs, "There is one shift an output.");
}

std::shared_ptr<Matrix> matrix_of(const Narrow& weight, const Array<std::int32_t>& bias,
                                  const Array<std::uint8_t>& shift, std::int16_t low, std::int16_t high, bool leaky,
                                  int limit) {
    require(weight.ndim() == 2 && weight.shape(0) > 0 && weight.shape(1) > 0, "Weights are outputs x inputs.");
    one_for_each(bias, shift, extent(weight, 0));
    return std::make_shared<Matrix>(make_matrix(weight.data(), extent(weight, 0), extent(weight, 1),
                                                {bias.data(), shift.data(), low, high, leaky, limit}));
}

std::shared_ptr<Depthwise> depthwise_of(const Narrow& weight, const Array<std::int32_t>& bias,
                                        const Array<std::uint8_t>& shift, std::int16_t low, std::int16_t high,
                                        int limit) {
    require(weight.ndim() == 2 && weight.shape(0) == 9 && weight.shape(1) > 0, "Weights are 9 x channels.");
    one_for_each(bias, shift, extent(weight, 1));
    return std::make_shared<Depthwise>(
        make_depthwise(weight.data(), 9, extent(weight, 1), {bias.data(), shift.data(), low, high, false, limit}));
}

std::shared_ptr<Scale> scale_of(const Narrow& factor, const Array<std::uint8_t>& shift, std::int16_t low,
                                std::int16_t high) {
    require(factor.ndim() == 1 && factor.shape(0) > 0, "There is one factor a channel.");
    require(shift.ndim() == 1 && shift.shape(0) == factor.shape(0), "There is one shift a channel.");
    return std::make_shared<Scale>(make_scale(factor.data(), extent(factor, 0), shift.data(), low, high));
}

// H x W x C whose channels lie together, and whose positions follow one another at one stride.
template <class T>
View<T> view(const py::array& a, T* at) {
    constexpr auto kSize = static_cast<py::ssize_t>(sizeof(std::int16_t));
    require(py::isinstance<py::array_t<std::int16_t>>(a) && a.ndim() == 3, "Tensors are int16 with three axes.");
    require(a.size() > 0, "Tensors are not empty.");
    require(reinterpret_cast<std::uintptr_t>(at) % alignof(std::int16_t) == 0, "Tensors lie at even addresses.");
    const py::ssize_t stride = a.shape(1) > 1 ? a.strides(1) : a.shape(0) > 1 ? a.strides(0) : a.shape(2) * kSize;
    require(a.shape(2) == 1 || a.strides(2) == kSize, "A position's channels lie together.");
    require(stride % kSize == 0 && stride >= a.shape(2) * kSize, "Positions do not overlap.");
    require(a.shape(0) == 1 || a.strides(0) == a.shape(1) * stride, "Rows follow one another without a gap.");
    return {at, extent(a, 0), extent(a, 1), extent(a, 2), static_cast<std::size_t>(stride / kSize)};
}

In input(const py::array& a) { return view(a, static_cast<const std::int16_t*>(a.data())); }
Out output(py::array& a) { return view(a, static_cast<std::int16_t*>(a.mutable_data())); }

// Values lie apart: in other memory, or beside one another as channels of one wider tensor.
bool apart(const In& x, const Out& out) {
    constexpr auto kSize = sizeof(std::int16_t);
    const auto from = reinterpret_cast<std::uintptr_t>(x.at), to = reinterpret_cast<std::uintptr_t>(out.at);
    const auto reach = [](const auto& v) { return ((v.positions() - 1) * v.stride + v.channels) * kSize; };
    if (from + reach(x) <= to || to + reach(out) <= from) return true;
    if (x.stride != out.stride) return false;
    const std::size_t all = x.stride * kSize;
    const std::size_t lead = from >= to ? (from - to) % all : (all - (to - from) % all) % all;
    return lead >= out.channels * kSize && lead + x.channels * kSize <= all;
}

constexpr const char* kApart = "The output is another tensor than the input.";

// Without Python's lock; nobody is asked whether it is still wanted.
template <class Function>
void in_chunks(const Engine& engine, std::size_t count, const Function& function) {
    const py::gil_scoped_release release;
    Watch watch{{}};
    const Run run = engine.run(watch);
    run.in_chunks(0, count, [&](std::size_t first, std::size_t last, Scratch& scratch) {
        function(*run.kernels, first, last, scratch);
    });
}

void patches(const Engine& engine, const py::array& from, std::size_t side, const Matrix& matrix, py::array to) {
    const In x = input(from);
    const Out out = output(to);
    require(side >= 1 && side <= kSideMax, "There is no such kernel.");
    require(x.height == out.height * side && x.width == out.width * side, "The output does not fit the input.");
    require(matrix.inputs == side * side * x.channels && matrix.outputs == out.channels, "The weights do not fit.");
    require(apart(x, out), kApart);
    in_chunks(engine, out.positions(), [&](const Kernels& kernels, std::size_t first, std::size_t last, Scratch& s) {
        kernels.patches(x, side, matrix, out, first, last, s);
    });
}

// A 1x1 convolution in the order of by_phase, which leaves out what inputs are zero.
void pointwise(const Engine& engine, const py::array& from, std::size_t stride, const Matrix& matrix, py::array to) {
    const In x = input(from);
    const Out out = output(to);
    require(stride >= 1 && stride <= kSideMax, "There is no such stride.");
    require(x.height == out.height && x.width == out.width, "The output does not fit the input.");
    require(matrix.inputs == x.channels && matrix.outputs == out.channels, "The weights do not fit.");
    require(apart(x, out), kApart);
    const py::gil_scoped_release release;
    Watch watch{{}};
    by_phase(engine.run(watch), x, stride, matrix, out);
}

void spread(const Engine& engine, const py::array& from, std::size_t side, const Matrix& matrix, py::array to) {
    const In x = input(from);
    const Out out = output(to);
    require(side >= 1 && side <= kSideMax, "There is no such kernel.");
    require(out.height == x.height * side && out.width == x.width * side, "The output does not fit the input.");
    require(matrix.inputs == x.channels && matrix.outputs == side * side * out.channels, "The weights do not fit.");
    require(out.stride == out.channels, "The output's positions lie together.");
    require(apart(x, out), kApart);
    in_chunks(engine, x.positions(), [&](const Kernels& kernels, std::size_t first, std::size_t last, Scratch& s) {
        kernels.spread(x, side, matrix, out, first, last, s);
    });
}

void check_block(const In& x, const Out& out, const Matrix& expand, const Matrix& reduce) {
    require(x.height == out.height && x.width == out.width && x.channels == out.channels,
            "The output does not fit the input.");
    require(apart(x, out), kApart);
    require(expand.inputs == x.channels && reduce.inputs == expand.outputs && reduce.outputs == x.channels,
            "The weights do not fit.");
}

void partial_block(const Engine& engine, const py::array& from, const Matrix& conv, const Matrix& expand,
                   const Matrix& reduce, py::array to) {
    const In x = input(from);
    const Out out = output(to);
    check_block(x, out, expand, reduce);
    require(conv.outputs <= x.channels && conv.inputs == 9 * conv.outputs, "The weights do not fit.");
    const PartialBlock block{&conv, &expand, &reduce};
    in_chunks(engine, x.positions(), [&](const Kernels& kernels, std::size_t first, std::size_t last, Scratch& s) {
        kernels.partial_block(x, block, out, first, last, s);
    });
}

void depthwise_block(const Engine& engine, const py::array& from, const Depthwise& conv, const Matrix& expand,
                     const Matrix& reduce, py::array to) {
    const In x = input(from);
    const Out out = output(to);
    check_block(x, out, expand, reduce);
    require(conv.channels == x.channels, "The weights do not fit.");
    const DepthwiseBlock block{&conv, &expand, &reduce};
    in_chunks(engine, x.positions(), [&](const Kernels& kernels, std::size_t first, std::size_t last, Scratch& s) {
        kernels.depthwise_block(x, block, out, first, last, s);
    });
}

void scale(const Engine& engine, const Scale& factors, py::array to) {
    const Out out = output(to);
    require(out.channels == factors.factor.size() && out.stride == out.channels, "The factors do not fit.");
    in_chunks(engine, out.positions(), [&](const Kernels& kernels, std::size_t first, std::size_t last, Scratch&) {
        kernels.scale(factors, out.at + first * out.stride, last - first);
    });
}

py::list instruction_sets() {
    py::list names;
    for (const Kernels* set : available()) names.append(set->name);
    return names;
}

}  // namespace
}  // namespace integer

PYBIND11_MODULE(_integer, m) {
    using namespace integer;
    m.doc() = "Arithmetic profile 2 on int16 tensors, H x W x C: its operations, and whole transforms and tiles.";
    m.def("instruction_sets", &instruction_sets);
    const auto array = [](const char* name) { return py::arg(name).noconvert(); };
    py::class_<Matrix, std::shared_ptr<Matrix>>(m, "Matrix")
        .def(py::init(&matrix_of), array("weight"), array("bias"), array("shift"), py::arg("low"), py::arg("high"),
             py::arg("leaky"), py::arg("limit"))
        .def_readonly("inputs", &Matrix::inputs)
        .def_readonly("outputs", &Matrix::outputs);
    py::class_<Depthwise, std::shared_ptr<Depthwise>>(m, "Depthwise")
        .def(py::init(&depthwise_of), array("weight"), array("bias"), array("shift"), py::arg("low"),
             py::arg("high"), py::arg("limit"))
        .def_readonly("channels", &Depthwise::channels);
    py::class_<Scale, std::shared_ptr<Scale>>(m, "Scale")
        .def(py::init(&scale_of), array("factor"), array("shift"), py::arg("low"), py::arg("high"));
    py::class_<Engine> engine(m, "Engine");
    engine.def(py::init<const std::string&, int>(), py::arg("instruction_set"), py::arg("threads"))
        .def_property_readonly("name", &Engine::name)
        .def("patches", &patches, py::arg("x"), py::arg("side"), py::arg("matrix"), py::arg("out"))
        .def("pointwise", &pointwise, py::arg("x"), py::arg("stride"), py::arg("matrix"), py::arg("out"))
        .def("spread", &spread, py::arg("x"), py::arg("side"), py::arg("matrix"), py::arg("out"))
        .def("partial_block", &partial_block, py::arg("x"), py::arg("conv"), py::arg("expand"), py::arg("reduce"),
             py::arg("out"))
        .def("depthwise_block", &depthwise_block, py::arg("x"), py::arg("conv"), py::arg("expand"), py::arg("reduce"),
             py::arg("out"))
        .def("scale", &scale, py::arg("scale"), py::arg("x"));
    bind_session(m, engine);
}
