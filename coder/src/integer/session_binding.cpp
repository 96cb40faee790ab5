// The Python face of whole transforms and tiles.

#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "alone.hpp"
#include "arrays.hpp"
#include "coding.hpp"
#include "transforms.hpp"

namespace integer {
namespace {

using Report = py::object;  // called with the fraction that is done, and may raise to stop; None asks nobody

// Work without Python's lock. What `report` raises comes out of here.
template <class Work>
void work(const Engine& engine, const Report& report, const Work& work) {
    std::optional<py::error_already_set> raised;
    Watch::Ask ask;
    if (!report.is_none()) {
        ask = [&](double done) {
            const py::gil_scoped_acquire lock;
            try {
                report(done);
                return true;
            } catch (py::error_already_set& error) {
                raised.emplace(error);
                return false;
            }
        };
    }
    try {
        const py::gil_scoped_release release;
        Watch watch(std::move(ask));
        work(engine.run(watch));
    } catch (const Stopped&) {
        if (raised) throw *raised;
        throw;
    }
}

using OneMatrix = std::shared_ptr<Matrix>;
using Convolution = std::tuple<bool, std::size_t, OneMatrix>;  // whether it goes up, its side, its weights
using Block = std::tuple<OneMatrix, OneMatrix, OneMatrix>;

std::shared_ptr<Chain> make_chain(const py::list& layers) {
    std::vector<Layer> made;
    for (const py::handle& layer : layers) {
        if (py::isinstance<py::bool_>(layer[py::int_(0)])) {
            auto [up, side, matrix] = layer.cast<Convolution>();
            made.push_back({up ? Layer::Kind::kUp : Layer::Kind::kDown, side, matrix, nullptr, nullptr});
        } else {
            auto [conv, expand, reduce] = layer.cast<Block>();
            made.push_back({Layer::Kind::kBlock, 1, conv, expand, reduce});
        }
    }
    return std::make_shared<Chain>(std::move(made));
}

// A tensor of floats, H x W x C, of which a row lies together.
template <class T>
Latents<T> latents(const py::array_t<float>& a, T* at) {
    constexpr auto kSize = static_cast<py::ssize_t>(sizeof(float));
    require(a.ndim() == 3 && a.size() > 0, "Latents have three axes.");
    const py::ssize_t row = a.shape(0) > 1 ? a.strides(0) : a.shape(1) * a.shape(2) * kSize;
    require((a.shape(2) == 1 || a.strides(2) == kSize) && (a.shape(1) == 1 || a.strides(1) == a.shape(2) * kSize) &&
                row % kSize == 0 && row >= a.shape(1) * a.shape(2) * kSize,
            "A row of latents lies together.");
    return {at, extent(a, 0), extent(a, 1), extent(a, 2), static_cast<std::size_t>(row / kSize)};
}
Latents<const float> given(const py::array_t<float>& a) { return latents(a, a.data()); }
Latents<float> wanted(py::array_t<float>& a) { return latents(a, a.mutable_data()); }

template <class T, class Held>
Plane<T> plane(const py::array_t<Held>& a, T* at) {
    constexpr auto kSize = static_cast<py::ssize_t>(sizeof(Held));
    require(a.ndim() == 3 && a.size() > 0, "Samples have three axes.");
    for (int axis = 0; axis < 3; ++axis) require(a.strides(axis) % kSize == 0, "Samples lie at odd addresses.");
    return {at, extent(a, 0), extent(a, 1), extent(a, 2), a.strides(0) / kSize, a.strides(1) / kSize, a.strides(2) / kSize};
}

// Factors and shifts, qualities x channels each, and the quality of every position.
using Tensors = std::tuple<Narrow, Array<std::uint8_t>, Array<std::uint8_t>>;

template <class T>
Gains gains(const Tensors& tensors, const Latents<T>& of) {
    const auto& [factor, shift, quality] = tensors;
    require(factor.ndim() == 2 && shift.ndim() == 2 && factor.shape(0) > 0 && extent(factor, 1) == of.channels &&
                extent(shift, 1) == of.channels && shift.shape(0) == factor.shape(0),
            "Gains are qualities x channels.");
    require(quality.ndim() == 2 && extent(quality, 0) == of.height && extent(quality, 1) == of.width,
            "There is one quality a position.");
    require(*std::max_element(shift.data(), shift.data() + shift.size()) <= 30, "A shift is too large.");
    require(*std::max_element(quality.data(), quality.data() + quality.size()) < factor.shape(0), "There is no such quality.");
    return {factor.data(), shift.data(), quality.data()};
}

template <class Sample>
void analyse_as(const Engine& engine, const Chain& g_a, const py::array_t<Sample>& samples, const Tensors& tensors,
             py::array_t<float> y, const Report& report) {
    const Latents<float> to = wanted(y);
    const Gains gain = gains(tensors, to);
    const auto from = plane(samples, samples.data());
    const std::size_t stride = g_a.shrinks();
    require(from.channels == 3 && g_a.inputs() == 3 && g_a.outputs() == to.channels, "The weights do not fit.");
    require(g_a.scaled(to.height * stride) == to.height, "The weights do not fit.");
    work(engine, report, [&](const Run& run) { analyse<Sample>(run, g_a, from, gain, to); });
}

template <class Sample>
void synthesize_as(const Engine& engine, const Chain& g_s, const py::array_t<float>& y_hat, const Tensors& tensors,
                py::array_t<Sample> samples, const Report& report) {
    const Latents<const float> from = given(y_hat);
    const Gains gain = gains(tensors, from);
    const auto to = plane(samples, samples.mutable_data());
    require((to.channels == 1 || to.channels == 3) && g_s.outputs() == 3 && g_s.inputs() == from.channels &&
                to.height <= g_s.scaled(from.height) && to.width <= g_s.scaled(from.width),
            "The weights do not fit.");
    work(engine, report, [&](const Run& run) { synthesize<Sample>(run, g_s, from, gain, to); });
}

Narrow entering_all(const py::array_t<float>& y_hat, const Tensors& tensors) {
    const Latents<const float> from = given(y_hat);
    const Gains gain = gains(tensors, from);
    Narrow x({from.height, from.width, from.channels});
    for (std::size_t row = 0; row < from.height; ++row) {
        entering(from, gain, row, x.mutable_data() + row * from.width * from.channels);
    }
    return x;
}

void check_hyper(const Chain& h_a, const Latents<const float>& y, const Array<std::int8_t>& exponents) {
    require(h_a.inputs() == y.channels && exponents.ndim() == 1 && extent(exponents, 0) == h_a.outputs(),
            "The weights do not fit.");
}

py::array_t<float> hyper_of(const Engine& engine, const Chain& h_a, const Array<std::int8_t>& exponents,
                            const py::array_t<float>& y, const Report& report) {
    const Latents<const float> from = given(y);
    check_hyper(h_a, from, exponents);
    py::array_t<float> z({h_a.scaled(from.height), h_a.scaled(from.width), h_a.outputs()});
    float* const to = z.mutable_data();
    work(engine, report, [&](const Run& run) { hyper(run, h_a, from, exponents.data(), to); });
    return z;
}

using Slots = std::tuple<std::size_t, std::size_t, std::vector<std::tuple<std::size_t, std::size_t, std::size_t>>>;

Sampling sampling(const Slots& from) {
    Sampling made{std::get<0>(from), std::get<1>(from), {}};
    for (const auto& [part, row, column] : std::get<2>(from)) made.slots.push_back({part, row, column});
    return made;
}

using DepthwiseParts = std::tuple<std::shared_ptr<Depthwise>, OneMatrix, OneMatrix>;
using NetParts = std::tuple<std::vector<DepthwiseParts>, std::vector<DepthwiseParts>, OneMatrix>;
using StepParts = std::tuple<std::size_t, bool, std::size_t, std::size_t, Slots, OneMatrix, std::shared_ptr<Scale>>;

template <class T>
std::vector<T> values(const Array<T>& a) {
    return {a.data(), a.data() + a.size()};
}

std::shared_ptr<Entropy> make_entropy(std::shared_ptr<Chain> h_s, const Array<std::int32_t>& z_means,
                                      const Array<std::uint8_t>& z_tables, const Array<std::uint8_t>& scale_left,
                                      const Array<std::uint8_t>& mean_left, const Array<std::uint8_t>& table_of,
                                      const std::array<Slots, kFinest>& descents,
                                      const std::vector<OneMatrix>& context_nets, const std::vector<NetParts>& nets,
                                      const std::vector<StepParts>& steps) {
    const auto made = std::make_shared<Entropy>();
    made->channels = static_cast<std::size_t>(scale_left.size());
    made->h_s = std::move(h_s);
    made->z_means = values(z_means);
    made->z_tables = values(z_tables);
    made->scale_left = values(scale_left);
    made->mean_left = values(mean_left);
    made->table_of = values(table_of);
    std::transform(descents.begin(), descents.end(), made->descents.begin(), sampling);
    made->context_nets.assign(context_nets.begin(), context_nets.end());
    for (const auto& [before, after, last] : nets) {
        ContextNet net{{}, {}, last};
        for (const auto& [conv, expand, reduce] : before) net.before.push_back({conv, expand, reduce});
        for (const auto& [conv, expand, reduce] : after) net.after.push_back({conv, expand, reduce});
        made->nets.push_back(std::move(net));
    }
    for (const auto& [scale, opens, stream, net, slots, adaptor, embedding] : steps) {
        made->steps.push_back({scale, opens, stream, net, sampling(slots), adaptor, embedding, 0, {}, {}});
    }
    made->prepare();
    return made;
}

using SharedTables = std::shared_ptr<rans::Tables>;

py::array_t<float> bit_maps(const Record& record, const Latents<const float>& of) {
    const std::size_t positions = of.height * of.width;
    py::array_t<float> bits({record.bits.size() / positions, of.height, of.width});
    std::copy(record.bits.begin(), record.bits.end(), bits.mutable_data());
    return bits;
}

py::array_t<float> room_for(std::size_t height, std::size_t width, std::size_t channels) {
    return py::array_t<float>({height, width, channels});
}

using Tensor = py::array_t<float>;

// Tiles, each on one thread while there are enough. What they are made of becomes what a decoder has.
py::list encode_tiles(const Engine& engine, const std::shared_ptr<Entropy>& entropy, const SharedTables& tables,
                      const Chain& h_a, const Array<std::int8_t>& exponents, std::vector<Tensor> latents,
                      const std::vector<Tensor>& hyperpriors, const Report& report) {
    const std::size_t count = latents.size();
    require(hyperpriors.empty() || hyperpriors.size() == count, "There is one hyperprior a tile, or none.");
    std::vector<Latents<float>> to;
    std::vector<Latents<const float>> from, known;
    for (Tensor& y : latents) {
        to.push_back(wanted(y));
        check_hyper(h_a, from.emplace_back(given(y)), exponents);
    }
    for (const Tensor& z : hyperpriors) known.push_back(given(z));
    std::vector<std::vector<std::vector<std::uint8_t>>> streams(count);
    std::vector<Record> records(count);
    work(engine, report, [&](const Run& all) {
        each_alone(all, count, [&](std::size_t i, const Run& run) {
            std::vector<float> made;
            if (known.empty()) {
                const std::size_t height = h_a.scaled(from[i].height), width = h_a.scaled(from[i].width);
                made.resize(height * width * h_a.outputs());
                hyper(run, h_a, from[i], exponents.data(), made.data());
                const Latents<const float> z{made.data(), height, width, h_a.outputs(), width * h_a.outputs()};
                streams[i] = encode(run, entropy, tables, from[i], z, to[i], records[i]);
            } else {
                streams[i] = encode(run, entropy, tables, from[i], known[i], to[i], records[i]);
            }
        });
    });
    py::list tiles;
    for (std::size_t i = 0; i < count; ++i) {
        py::list data;
        for (const auto& stream : streams[i]) {
            data.append(py::bytes(reinterpret_cast<const char*>(stream.data()), stream.size()));
        }
        tiles.append(py::make_tuple(py::tuple(data), records[i].crc, bit_maps(records[i], from[i])));
    }
    return tiles;
}

py::list decode_tiles(const Engine& engine, const std::shared_ptr<Entropy>& entropy, const SharedTables& tables,
                      const std::vector<std::vector<py::buffer>>& tiles, std::vector<Tensor> latents,
                      std::size_t known, const Report& report) {
    const std::size_t count = tiles.size();
    require(latents.size() == count, "There are latents for each tile.");
    std::vector<py::buffer_info> views;
    std::vector<std::vector<Bytes>> streams(count);
    std::vector<Latents<float>> to;
    for (std::size_t i = 0; i < count; ++i) {
        for (const py::buffer& stream : tiles[i]) {
            const py::buffer_info& view = views.emplace_back(stream.request());
            require(view.itemsize == 1 && view.ndim == 1 && (view.size <= 1 || view.strides[0] == 1),
                    "Streams are contiguous bytes.");
            streams[i].push_back({static_cast<const std::uint8_t*>(view.ptr), static_cast<std::size_t>(view.size)});
        }
        to.push_back(wanted(latents[i]));
    }
    std::vector<Record> records(count);
    std::optional<std::string> damage;
    work(engine, report, [&](const Run& all) {
        try {
            each_alone(all, count, [&](std::size_t i, const Run& run) {
                decode(run, entropy, tables, streams[i], known, to[i], records[i]);
            });
        } catch (const rans::Error& error) {
            damage = error.what();
        }
    });
    if (damage) {
        py::set_error(py::module_::import("coder._rans").attr("CoderError"), damage->c_str());
        throw py::error_already_set();
    }
    py::list found;
    for (std::size_t i = 0; i < count; ++i) {
        found.append(py::make_tuple(records[i].crc, bit_maps(records[i], given(latents[i]))));
    }
    return found;
}

class OneTile {
public:
    OneTile(const Engine& engine, const std::shared_ptr<Entropy>& entropy, std::size_t height, std::size_t width)
        : engine_(engine), channels_(entropy->channels), height_(height), width_(width), tile_(entropy, height, width) {}

    bool next(const Report& report) {
        bool more = false;
        work(engine_, report, [&](const Run& run) { more = tile_.next(run); });
        return more;
    }

    template <class T>
    Array<T> copy(const std::vector<T>& from) const {
        require(from.size() == tile_.count(), "There is no request.");
        Array<T> to({tile_.height(), tile_.width(), tile_.packed()});
        std::copy(from.begin(), from.end(), to.mutable_data());
        return to;
    }
    Array<std::uint8_t> indices() const { return copy(tile_.indices()); }
    Array<std::int32_t> means() const { return copy(tile_.means()); }

    void take(const Array<std::int32_t>& symbols) {
        require(symbols.ndim() == 3 && extent(symbols, 0) == tile_.height() && extent(symbols, 1) == tile_.width() &&
                    extent(symbols, 2) == tile_.packed(),
                "There is one symbol for each of the request.");
        const auto wild = [](std::int32_t s) { return s < -rans::kMaxMagnitude || s > rans::kMaxMagnitude; };
        require(std::none_of(symbols.data(), symbols.data() + symbols.size(), wild), "A symbol is out of range.");
        work(engine_, py::none(), [&](const Run& run) { tile_.take(run, symbols.data()); });
    }

    py::array_t<float> y_hat() const {
        py::array_t<float> to = room_for(height_, width_, channels_);
        tile_.y_hat(wanted(to));
        return to;
    }

private:
    Engine engine_;
    std::size_t channels_, height_, width_;
    Tile tile_;
};

}  // namespace

void bind_session(py::module_& m, py::class_<Engine>& engine) {
    const auto array = [](const char* name) { return py::arg(name).noconvert(); };
    py::class_<Chain, std::shared_ptr<Chain>>(m, "Chain").def(py::init(&make_chain), py::arg("layers"));
    py::class_<Entropy, std::shared_ptr<Entropy>>(m, "Entropy")
        .def(py::init(&make_entropy), py::kw_only(), py::arg("h_s"), array("z_means"), array("z_tables"),
             array("scale_left"), array("mean_left"), array("table_of"), py::arg("descents"), py::arg("context_nets"),
             py::arg("nets"), py::arg("steps"));
    py::class_<OneTile>(m, "Tile")
        .def(py::init<const Engine&, const std::shared_ptr<Entropy>&, std::size_t, std::size_t>(), py::arg("engine"),
             py::arg("entropy").none(false), py::arg("height"), py::arg("width"))
        .def("next", &OneTile::next, py::arg("report") = py::none())
        .def_property_readonly("indices", &OneTile::indices)
        .def_property_readonly("means", &OneTile::means)
        .def("take", &OneTile::take, array("symbols"))
        .def("y_hat", &OneTile::y_hat);
    engine
        .def("analyse", &analyse_as<std::uint8_t>, py::arg("g_a"), array("samples"), py::arg("gains"), array("y"),
             py::arg("report"))
        .def("analyse", &analyse_as<std::uint16_t>, py::arg("g_a"), array("samples"), py::arg("gains"), array("y"),
             py::arg("report"))
        .def("synthesize", &synthesize_as<std::uint8_t>, py::arg("g_s"), array("y_hat"), py::arg("gains"),
             array("samples"), py::arg("report"))
        .def("synthesize", &synthesize_as<std::uint16_t>, py::arg("g_s"), array("y_hat"), py::arg("gains"),
             array("samples"), py::arg("report"))
        .def("hyper", &hyper_of, py::arg("h_a"), array("exponents"), array("y"), py::arg("report"))
        .def("encode", &encode_tiles, py::arg("entropy").none(false), py::arg("tables").none(false), py::arg("h_a"),
             array("exponents"), array("latents"), array("hyperpriors"), py::arg("report"))
        .def("decode", &decode_tiles, py::arg("entropy").none(false), py::arg("tables").none(false), py::arg("tiles"),
             array("latents"), py::arg("known"), py::arg("report"));
    m.def("entering", &entering_all, array("y_hat"), py::arg("gains"));
}

}  // namespace integer
