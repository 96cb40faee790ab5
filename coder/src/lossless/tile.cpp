#include "tile.hpp"

#include <algorithm>
#include <cmath>

#include "crc.hpp"
#include "stream.hpp"
#include "walk.hpp"

namespace lossless {

namespace {

constexpr std::size_t kLook = 16;  // groups between two looks at whether the work is still wanted

// each(walk, pixel, place, values): what is done with each pixel, in coding order. It leaves its samples, in coding
// order, in 2^-8 levels; where one is coded of each pixel, it counts for all three.
template <class Each>
void through(const Model& model, const integer::Kernels& kernels, const Shape& shape, std::size_t coded,
             const Check& check, const Each& each) {
    Walk walk(model, kernels, shape.height, shape.width, shape.kind.deep);
    for (std::size_t group = 0; group < walk.groups(); ++group) {
        if (group % kLook == 0) check();
        walk.next();
        for (std::size_t pixel = 0; pixel < walk.count(); ++pixel) {
            std::int32_t values[kColours] = {};
            each(walk, pixel, walk.row(pixel) * shape.width + walk.column(pixel), values);
            if (coded == 1) values[1] = values[2] = values[0];
            walk.know(pixel, values);
        }
    }
}

// Samples of a kind in memory, by pixel and place in coding order. equal: the first is coded for all three.
class Places {
public:
    Places(const Model& model, const Kind& kind, bool equal) : model_(model), kind_(kind), equal_(equal) {}

    std::size_t coded() const { return equal_ ? 1 : kind_.channels; }
    std::size_t of(std::size_t pixel, std::size_t c) const {
        return kind_.channels == 1 ? pixel : pixel * kColours + model_.order[c];
    }
    // In 2^-8 levels.
    std::int32_t read(const std::uint8_t* samples, std::size_t place) const {
        return kind_.deep ? samples[2 * place] | samples[2 * place + 1] << kLevelBits : samples[place] << kLevelBits;
    }
    void write(std::uint8_t* samples, std::size_t pixel, std::size_t c, std::int32_t value) const {
        for (std::size_t colour = c; colour < (equal_ ? kColours : c + 1); ++colour) {
            const std::size_t place = of(pixel, colour);
            if (kind_.deep) samples[2 * place] = static_cast<std::uint8_t>(value & kLowerMax);
            samples[kind_.deep ? 2 * place + 1 : place] = static_cast<std::uint8_t>(value >> kLevelBits);
        }
    }

private:
    const Model& model_;
    const Kind& kind_;
    bool equal_;
};

bool equal_colours(const std::uint8_t* samples, const Shape& shape) {
    if (shape.kind.channels != kColours) return false;
    const std::size_t pixel = shape.kind.bytes(), sample = pixel / kColours;
    for (const std::uint8_t *at = samples, *const end = samples + shape.bytes(); at != end; at += pixel) {
        if (!std::equal(at, at + pixel - sample, at + sample)) return false;
    }
    return true;
}

float bits_of(const Interval& interval) { return kTotalBits - std::log2(static_cast<float>(interval.count)); }

}  // namespace

std::vector<std::uint8_t> encode(const Model& model, const integer::Kernels& kernels, const std::uint8_t* samples,
                                 const Shape& shape, float* bits, const Check& check) {
    std::vector<Interval> intervals;
    const bool equal = equal_colours(samples, shape);
    const Places places(model, shape.kind, equal);
    intervals.reserve(shape.pixels() * places.coded() * (shape.kind.deep ? 2 : 1));
    Mixture mixture(model.tables, model.components, shape.kind.deep);
    const auto code = [&](int value, std::size_t at) {
        intervals.push_back(mixture.interval(value));
        if (bits != nullptr) bits[at] += bits_of(intervals.back());
    };
    through(model, kernels, shape, places.coded(), check,
            [&](const Walk& walk, std::size_t pixel, std::size_t place, std::int32_t* values) {
                mixture.begin(walk.head(pixel), walk.prediction(pixel));
                for (std::size_t c = 0; c < places.coded(); ++c) {
                    const std::size_t at = places.of(place, c);
                    values[c] = places.read(samples, at);
                    mixture.colour(c, values);
                    const int upper = values[c] >> kLevelBits;
                    code(upper, at);
                    if (!shape.kind.deep) continue;
                    mixture.lower(upper);
                    code(values[c] & kLowerMax, at);
                }
            });
    return write_stream(intervals, equal, rans::crc32(0, samples, shape.bytes()));
}

void decode(const Model& model, const integer::Kernels& kernels, const std::uint8_t* data, std::size_t size,
            std::uint8_t* samples, const Shape& shape, float* bits, const Check& check) {
    Reader reader(data, size, shape.kind.channels == kColours);
    const Places places(model, shape.kind, reader.equal());
    Mixture mixture(model.tables, model.components, shape.kind.deep);
    const auto found = [&](std::size_t at) {
        Interval interval;
        const int value = mixture.find(reader.slot(), interval);
        reader.take(interval);
        if (bits != nullptr) bits[at] += bits_of(interval);
        return value;
    };
    through(model, kernels, shape, places.coded(), check,
            [&](const Walk& walk, std::size_t pixel, std::size_t place, std::int32_t* values) {
                mixture.begin(walk.head(pixel), walk.prediction(pixel));
                for (std::size_t c = 0; c < places.coded(); ++c) {
                    const std::size_t at = places.of(place, c);
                    mixture.colour(c, values);
                    const int upper = found(at);
                    values[c] = upper << kLevelBits;
                    if (shape.kind.deep) {
                        mixture.lower(upper);
                        values[c] |= found(at);
                    }
                    places.write(samples, place, c, values[c]);
                }
            });
    reader.finish(rans::crc32(0, samples, shape.bytes()));
}

void heads(const Model& model, const integer::Kernels& kernels, const std::uint8_t* samples, const Shape& shape,
           std::int32_t* head, std::int32_t* prediction, const Check& check) {
    const std::size_t numbers = kNumbers * model.components;
    const Places places(model, shape.kind, false);
    through(model, kernels, shape, places.coded(), check,
            [&](const Walk& walk, std::size_t pixel, std::size_t place, std::int32_t* values) {
                for (std::size_t c = 0; c < places.coded(); ++c) {
                    values[c] = places.read(samples, places.of(place, c));
                }
                std::copy_n(walk.head(pixel), numbers, head + place * numbers);
                std::copy_n(walk.prediction(pixel), kColours, prediction + place * kColours);
            });
}

}  // namespace lossless
