#include "tile.hpp"

#include <algorithm>

#include "stream.hpp"
#include "walk.hpp"

namespace lossless {

namespace {

constexpr std::size_t kLook = 16;  // groups between two looks at whether the work is still wanted

// each(walk, pixel, place): what is done with each pixel, in coding order. It leaves its samples, in coding order.
template <class Each>
void through(const Model& model, const integer::Kernels& kernels, std::size_t height, std::size_t width,
             const Check& check, const Each& each) {
    Walk walk(model, kernels, height, width);
    for (std::size_t group = 0; group < walk.groups(); ++group) {
        if (group % kLook == 0) check();
        walk.next();
        for (std::size_t pixel = 0; pixel < walk.count(); ++pixel) {
            std::uint8_t values[kColours];
            each(walk, pixel, walk.row(pixel) * width + walk.column(pixel), values);
            walk.know(pixel, values);
        }
    }
}

void ordered(const Model& model, const std::uint8_t* samples, std::uint8_t* values) {
    for (std::size_t c = 0; c < kColours; ++c) values[c] = samples[model.order[c]];
}

}  // namespace

std::vector<std::uint8_t> encode(const Model& model, const integer::Kernels& kernels, const std::uint8_t* samples,
                                 std::size_t height, std::size_t width, const Check& check) {
    std::vector<Interval> intervals;
    intervals.reserve(height * width * kColours);
    Mixture mixture(model.tables, model.components);
    through(model, kernels, height, width, check,
            [&](const Walk& walk, std::size_t pixel, std::size_t place, std::uint8_t* values) {
                ordered(model, samples + place * kColours, values);
                mixture.begin(walk.head(pixel), walk.prediction(pixel));
                for (std::size_t c = 0; c < kColours; ++c) {
                    mixture.colour(c, values);
                    intervals.push_back(mixture.interval(values[c]));
                }
            });
    return write_stream(intervals, crc32(samples, height * width * kColours));
}

void decode(const Model& model, const integer::Kernels& kernels, const std::uint8_t* data, std::size_t size,
            std::uint8_t* samples, std::size_t height, std::size_t width, const Check& check) {
    Reader reader(data, size);
    Mixture mixture(model.tables, model.components);
    through(model, kernels, height, width, check,
            [&](const Walk& walk, std::size_t pixel, std::size_t place, std::uint8_t* values) {
                mixture.begin(walk.head(pixel), walk.prediction(pixel));
                for (std::size_t c = 0; c < kColours; ++c) {
                    mixture.colour(c, values);
                    Interval interval;
                    values[c] = static_cast<std::uint8_t>(mixture.find(reader.slot(), interval));
                    reader.take(interval);
                    samples[place * kColours + model.order[c]] = values[c];
                }
            });
    reader.finish(crc32(samples, height * width * kColours));
}

void heads(const Model& model, const integer::Kernels& kernels, const std::uint8_t* samples, std::size_t height,
           std::size_t width, std::int32_t* head, std::int32_t* prediction, const Check& check) {
    const std::size_t numbers = kNumbers * model.components;
    through(model, kernels, height, width, check,
            [&](const Walk& walk, std::size_t pixel, std::size_t place, std::uint8_t* values) {
                ordered(model, samples + place * kColours, values);
                std::copy_n(walk.head(pixel), numbers, head + place * numbers);
                std::copy_n(walk.prediction(pixel), kColours, prediction + place * kColours);
            });
}

}  // namespace lossless
