// The Python face of the coder: NumPy arrays are read in place, and no work is done while holding Python's lock.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <memory>
#include <mutex>
#include <utility>

#include "rans.hpp"

namespace py = pybind11;

namespace {

// Contiguous arrays of the very type come as they are; safe conversions are made by copying, others are a TypeError.
template <class T>
using Array = py::array_t<T, py::array::c_style>;
using Symbols = Array<std::int32_t>;
using Indices = Array<std::uint8_t>;

std::vector<py::ssize_t> shape_of(const py::array& a) { return {a.shape(), a.shape() + a.ndim()}; }

std::size_t common_size(const Symbols& symbols, const Indices& indices) {
    if (symbols.size() != indices.size()) throw std::invalid_argument("There must be one index for each symbol.");
    return static_cast<std::size_t>(symbols.size());
}

std::shared_ptr<rans::Tables> make_tables(const Array<std::int64_t>& cdf, const Array<std::int64_t>& lengths,
                                          const Array<std::int64_t>& offsets) {
    if (cdf.ndim() != 2 || lengths.ndim() != 1 || offsets.ndim() != 1 || lengths.shape(0) != cdf.shape(0) ||
        offsets.shape(0) != cdf.shape(0)) {
        throw std::invalid_argument("Tables take an array of T rows, T lengths and T offsets.");
    }
    return std::make_shared<rans::Tables>(cdf.data(), static_cast<std::size_t>(cdf.shape(0)),
                                          static_cast<std::size_t>(cdf.shape(1)), lengths.data(), offsets.data());
}

py::array_t<float> bits(const rans::Tables& tables, const Symbols& symbols, const Indices& indices) {
    const std::size_t count = common_size(symbols, indices);
    py::array_t<float> result(shape_of(symbols));
    float* const out = result.mutable_data();
    const py::gil_scoped_release release;
    tables.bits(symbols.data(), indices.data(), count, out);
    return result;
}

// The lock is for two threads that use one object; it is only ever waited for without Python's lock.
class Encoder {
public:
    explicit Encoder(std::shared_ptr<rans::Tables> tables) : encoder_(std::move(tables)) {}

    void push(const Symbols& symbols, const Indices& indices) {
        const std::size_t count = common_size(symbols, indices);
        const py::gil_scoped_release release;
        const std::lock_guard<std::mutex> lock(mutex_);
        encoder_.push(symbols.data(), indices.data(), count);
    }

    py::bytes finish() {
        std::vector<std::uint8_t> stream;
        {
            const py::gil_scoped_release release;
            const std::lock_guard<std::mutex> lock(mutex_);
            stream = encoder_.finish();
        }
        return {reinterpret_cast<const char*>(stream.data()), stream.size()};
    }

private:
    std::mutex mutex_;
    rans::Encoder encoder_;
};

class Decoder {
public:
    Decoder(const py::buffer& data, std::shared_ptr<rans::Tables> tables)
        : view_(data.request()), decoder_(bytes_of(view_), static_cast<std::size_t>(view_.size), std::move(tables)) {}

    py::array_t<std::int32_t> pull(const Indices& indices) {
        py::array_t<std::int32_t> result(shape_of(indices));
        std::int32_t* const out = result.mutable_data();
        const py::gil_scoped_release release;
        const std::lock_guard<std::mutex> lock(mutex_);
        decoder_.pull(indices.data(), static_cast<std::size_t>(indices.size()), out);
        return result;
    }

    void finish() {
        const py::gil_scoped_release release;
        const std::lock_guard<std::mutex> lock(mutex_);
        decoder_.finish();
    }

private:
    static const std::uint8_t* bytes_of(const py::buffer_info& view) {
        if (view.itemsize != 1 || view.ndim != 1 || (view.size > 1 && view.strides[0] != 1)) {
            throw py::type_error("A decoder reads contiguous bytes.");
        }
        return static_cast<const std::uint8_t*>(view.ptr);
    }

    py::buffer_info view_;  // keeps the bytes where they are
    std::mutex mutex_;
    rans::Decoder decoder_;
};

}  // namespace

PYBIND11_MODULE(_rans, m) {
    m.doc() = "rANS coding of integer symbols with a probability table chosen per symbol.";
    py::register_exception<rans::Error>(m, "CoderError", PyExc_ValueError);

    py::class_<rans::Tables, std::shared_ptr<rans::Tables>>(m, "Tables")
        .def(py::init(&make_tables), py::arg("cdf"), py::arg("lengths"), py::arg("offsets"))
        .def("__len__", &rans::Tables::size)
        .def("bits", &bits, py::arg("symbols"), py::arg("indices"));
    py::class_<Encoder>(m, "Encoder")
        .def(py::init<std::shared_ptr<rans::Tables>>(), py::arg("tables").none(false))
        .def("push", &Encoder::push, py::arg("symbols"), py::arg("indices"))
        .def("finish", &Encoder::finish);
    py::class_<Decoder>(m, "Decoder")
        .def(py::init<const py::buffer&, std::shared_ptr<rans::Tables>>(), py::arg("data"),
             py::arg("tables").none(false))
        .def("pull", &Decoder::pull, py::arg("indices"))
        .def("finish", &Decoder::finish);
}
