// The Python face of profile 3: tiles to streams and back, without Python's lock.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "tile.hpp"

namespace py = pybind11;

namespace {

using integer::Kernels;
using integer::Matrix;
using lossless::Block;
using lossless::Halves;
using lossless::kColours;
using lossless::Model;
using lossless::Shape;

// What a model may have at most; the largest known one has 128 channels and 512 between two layers.
constexpr std::size_t kChannelsMax = 1024, kBetweenMax = 8192, kBlocksMax = 64;
constexpr std::size_t kOutside = 2, kOfABlock = 9;  // numbers of `constants`

void require(bool holds, const std::string& what) {
    if (!holds) throw std::invalid_argument(what);
}

template <class T>
using Array = py::array_t<T, py::array::c_style>;

std::size_t extent(const py::array& a, py::ssize_t axis) { return static_cast<std::size_t>(a.shape(axis)); }

template <class T>
Array<T> named(const py::dict& arrays, const std::string& name, py::ssize_t axes) {
    require(arrays.contains(name), "There is no array " + name + ".");
    const py::object found = arrays[name.c_str()];
    require(py::isinstance<Array<T>>(found), "The array " + name + " is of another type or does not lie in one piece.");
    Array<T> array = py::reinterpret_borrow<Array<T>>(found);
    require(array.ndim() == axes, "The array " + name + " has another number of axes.");
    return array;
}

struct Layer {
    Array<std::int16_t> weight;
    Array<std::int32_t> bias;
    Array<std::uint8_t> shift;

    Layer(const py::dict& arrays, const std::string& name)
        : weight(named<std::int16_t>(arrays, name + ".weight", 2)),
          bias(named<std::int32_t>(arrays, name + ".bias", 1)),
          shift(named<std::uint8_t>(arrays, name + ".shift", 1)) {
        require(outputs() > 0 && extent(bias, 0) == outputs() && extent(shift, 0) == outputs(),
                "The arrays of " + name + " do not fit together.");
    }
    std::size_t outputs() const { return extent(weight, 0); }
    std::size_t inputs() const { return extent(weight, 1); }
    integer::Ending ending(int limit, int bound, bool leaky = false) const {
        return {bias.data(), shift.data(), static_cast<std::int16_t>(-bound), static_cast<std::int16_t>(bound),
                leaky,       limit};
    }
};

class Loader {
public:
    explicit Loader(const py::dict& arrays) : arrays_(arrays), constants_(named<std::int32_t>(arrays, "constants", 1)) {
        const std::size_t count = extent(constants_, 0);
        require(count >= kOutside && (count - kOutside) % kOfABlock == 0,
                "The constants are not as many as there are.");
        blocks_ = (count - kOutside) / kOfABlock;
        require(blocks_ <= kBlocksMax, "There are too many blocks.");
    }

    Model load() const {
        Model model;
        const int features = number(0, 1, INT16_MAX), hidden = number(1 + kOfABlock * blocks_, 1, INT16_MAX);
        model.channels = Layer(arrays_, "embed").outputs();
        require(model.channels <= kChannelsMax, "There are too many channels.");
        model.predict = neighbours("predict", kColours, INT16_MAX);
        model.embed = neighbours("embed", model.channels, features);
        model.deep_predict = halves("predict", lossless::kPredictionMax);
        model.deep_embed = halves("embed", features);
        for (std::size_t i = 0; i < blocks_; ++i) model.blocks.push_back(block(i, model.channels, features));
        model.hidden = matrix("head.0", 0, model.channels, features, hidden, true);
        model.head = matrix("head.2", 0, model.hidden.outputs, hidden, INT16_MAX);
        model.components = model.head.outputs / lossless::kNumbers;
        require(model.head.outputs % lossless::kNumbers == 0 && model.components <= lossless::kComponentsMax,
                "The head is no mixture's.");
        return model;
    }

private:
    int number(std::size_t place, int low, int high) const {
        const int n = constants_.data()[place];
        require(low <= n && n <= high, "A constant is out of its range.");
        return n;
    }

    // outputs: 0 for any number.
    Matrix matrix(const std::string& name, std::size_t outputs, std::size_t inputs, int limit, int bound,
                  bool leaky = false) const {
        const Layer layer(arrays_, name);
        require(
            layer.inputs() == inputs && (outputs == 0 ? layer.outputs() <= kBetweenMax : layer.outputs() == outputs),
            "The weights of " + name + " have another shape.");
        return integer::make_matrix(layer.weight.data(), layer.outputs(), inputs, layer.ending(limit, bound, leaky));
    }

    // Of planes; in files the taps of a plane lie together.
    Matrix neighbours(const std::string& name, std::size_t outputs, int bound) const {
        const Layer layer(arrays_, name);
        require(layer.inputs() == kNear && layer.outputs() == outputs,
                "The weights of " + name + " have another shape.");
        return integer::make_matrix(by_tap(layer).data(), outputs, kNear, layer.ending(lossless::kPlaneMax, bound));
    }

    // The same, of a shape that was looked at, for samples of 16 bits.
    Halves halves(const std::string& name, std::int32_t bound) const {
        const Layer layer(arrays_, name);
        return lossless::make_halves(by_tap(layer).data(), layer.outputs(), kNear, layer.bias.data(),
                                     layer.shift.data(), bound);
    }

    static std::vector<std::int16_t> by_tap(const Layer& layer) {
        std::vector<std::int16_t> weight(layer.outputs() * kNear);
        for (std::size_t i = 0; i < weight.size(); ++i) {
            const std::size_t tap = i % kNear / lossless::kPlanes, plane = i % lossless::kPlanes;
            weight[i] = layer.weight.data()[i / kNear * kNear + plane * lossless::kBefore + tap];
        }
        return weight;
    }

    integer::Depthwise context(const std::string& name, std::size_t channels, int limit, int bound) const {
        const Layer layer(arrays_, name);
        require(layer.inputs() == lossless::kAlong && layer.outputs() == channels,
                "The weights of " + name + " have another shape.");
        std::vector<std::int16_t> weight(lossless::kAlong * channels);
        for (std::size_t i = 0; i < weight.size(); ++i) {
            weight[i] = layer.weight.data()[i % channels * lossless::kAlong + i / channels];
        }
        return integer::make_depthwise(weight.data(), lossless::kAlong, channels, layer.ending(limit, bound));
    }

    Block block(std::size_t i, std::size_t channels, int features) const {
        const std::string name = "blocks." + std::to_string(i) + ".";
        const std::size_t at = 1 + kOfABlock * i;
        int bounds[6];
        for (std::size_t j = 0; j < 6; ++j) bounds[j] = number(at + j, 1, INT16_MAX);
        const auto [a, m, g, u, p, f] = bounds;
        Block block;
        block.conv_a = matrix(name + "conv_a", channels, channels, features, a);
        block.context = context(name + "context", channels, a, m);
        block.conv_v = matrix(name + "conv_v", channels, channels, features, u);
        block.gate = {number(at + 6, 1, INT16_MAX / 2), number(at + 7, 0, 30), g, number(at + 8, 0, 30), p};
        block.conv_out = matrix(name + "conv_out", channels, channels, p, features);
        block.expand = matrix(name + "mlp.0", 0, channels, features, f, true);
        block.reduce = matrix(name + "mlp.2", channels, block.expand.outputs, f, features);
        return block;
    }

    static constexpr std::size_t kNear = lossless::kPlanes * lossless::kBefore;

    const py::dict& arrays_;
    Array<std::int32_t> constants_;
    std::size_t blocks_ = 0;
};

std::vector<std::int32_t> table(const py::dict& tables, const char* name) {
    const auto found = named<std::int32_t>(tables, name, 1);
    return {found.data(), found.data() + found.size()};
}

class Network {
public:
    Network(const py::dict& arrays, const py::dict& tables, const std::array<std::size_t, kColours>& order,
            const std::string& instruction_set)
        : model_(Loader(arrays).load()) {
        model_.tables = {table(tables, "powers"), table(tables, "inverses"), table(tables, "logistic"),
                         table(tables, "fine")};
        model_.tables.check();
        model_.order = order;
        for (std::size_t place = 0; place < kColours; ++place) {
            require(std::count(order.begin(), order.end(), place) == 1, "The order is none of three colours.");
        }
        for (const Kernels* each : integer::available()) {
            if (kernels_ == nullptr && (instruction_set.empty() || instruction_set == each->name)) kernels_ = each;
        }
        require(kernels_ != nullptr, "This machine has no instruction set " + instruction_set + ".");
    }

    std::string name() const { return kernels_->name; }

    py::bytes encode(const py::array& samples, const py::object& bits, const py::object& check) const {
        const Shape shape = shape_of(samples);
        float* const beside = costs(bits, shape);
        std::vector<std::uint8_t> stream;
        {
            const py::gil_scoped_release release;
            stream = lossless::encode(model_, *kernels_, bytes_of(samples), shape, beside, checked(check));
        }
        return {reinterpret_cast<const char*>(stream.data()), stream.size()};
    }

    void decode(const py::buffer& data, py::array& samples, const py::object& bits, const py::object& check) const {
        const Shape shape = shape_of(samples);
        float* const beside = costs(bits, shape);
        const py::buffer_info bytes = data.request();
        require(bytes.itemsize == 1 && bytes.ndim == 1 && bytes.strides[0] == 1, "A stream is bytes.");
        std::uint8_t* const to = static_cast<std::uint8_t*>(samples.mutable_data());
        {
            const py::gil_scoped_release release;
            lossless::decode(model_, *kernels_, static_cast<const std::uint8_t*>(bytes.ptr),
                             static_cast<std::size_t>(bytes.size), to, shape, beside, checked(check));
        }
    }

    py::tuple heads(const py::array& samples) const {
        const Shape shape = shape_of(samples);
        Array<std::int32_t> head({shape.height, shape.width, lossless::kNumbers * model_.components});
        Array<std::int32_t> prediction({shape.height, shape.width, kColours});
        std::int32_t *const to = head.mutable_data(), *const beside = prediction.mutable_data();
        {
            const py::gil_scoped_release release;
            lossless::heads(model_, *kernels_, bytes_of(samples), shape, to, beside, [] {});
        }
        return py::make_tuple(head, prediction);
    }

private:
    static const std::uint8_t* bytes_of(const py::array& samples) {
        return static_cast<const std::uint8_t*>(samples.data());
    }
    // Of samples in one piece, uint8 or uint16 with the lower half first.
    static Shape shape_of(const py::array& samples) {
        const bool deep = samples.dtype().equal(py::dtype("<u2"));
        if ((!deep && !samples.dtype().equal(py::dtype("u1"))) || (samples.flags() & py::array::c_style) == 0) {
            throw py::type_error("Samples are uint8 or little-endian uint16, in one piece.");
        }
        require(samples.ndim() == 3 && (samples.shape(2) == 1 || samples.shape(2) == kColours),
                "Samples are height x width x 3, or x 1.");
        const Shape shape{{extent(samples, 2), deep}, extent(samples, 0), extent(samples, 1)};
        const auto good = [](std::size_t side) { return side > 0 && side <= lossless::kSideMax; };
        require(good(shape.height) && good(shape.width),
                "Tiles have sides from 1 to " + std::to_string(lossless::kSideMax) + ".");
        return shape;
    }
    // None, or zeros of the samples' shape.
    static float* costs(const py::object& bits, const Shape& shape) {
        if (bits.is_none()) return nullptr;
        require(py::isinstance<Array<float>>(bits), "Bits are float32, in one piece.");
        Array<float> array = py::reinterpret_borrow<Array<float>>(bits);
        require(array.ndim() == 3 && extent(array, 0) == shape.height && extent(array, 1) == shape.width &&
                    extent(array, 2) == shape.kind.channels,
                "Bits are as many as samples.");
        return array.mutable_data();
    }
    static lossless::Check checked(const py::object& check) {
        // By pointer: a copy of the object would count its references without the lock.
        return [call = &check] {
            if (call->is_none()) return;
            const py::gil_scoped_acquire acquire;
            (*call)();
        };
    }

    Model model_;
    const Kernels* kernels_ = nullptr;
};

py::list instruction_sets() {
    py::list names;
    for (const Kernels* set : integer::available()) names.append(set->name);
    return names;
}

}  // namespace

PYBIND11_MODULE(_lossless, m) {
    m.doc() =
        "Arithmetic profile 3: an autoregressive network and its coder, on tiles of uint8 or uint16 samples, H x W x "
        "C.";
    m.def("instruction_sets", &instruction_sets);
    m.attr("SIDE_MAX") = lossless::kSideMax;
    py::class_<Network>(m, "Network")
        .def(py::init<const py::dict&, const py::dict&, const std::array<std::size_t, kColours>&, const std::string&>(),
             py::arg("arrays"), py::arg("tables"), py::arg("order") = std::array<std::size_t, kColours>{0, 1, 2},
             py::arg("instruction_set") = "")
        .def_property_readonly("name", &Network::name)
        .def("encode", &Network::encode, py::arg("samples").noconvert(), py::arg("bits") = py::none(),
             py::arg("check") = py::none())
        .def("decode", &Network::decode, py::arg("data"), py::arg("samples").noconvert(), py::arg("bits") = py::none(),
             py::arg("check") = py::none())
        .def("heads", &Network::heads, py::arg("samples").noconvert());
}
