// Tests of whole transforms and tiles of profile 2, meant to be run under the sanitizers as integer_tests are: bands
// beside one piece, plain loops over int64 beside what latents and samples go through, and streams there and back.

#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <utility>

#include "crc.hpp"
#include "small_model.hpp"

void test_alone();  // session_alone.cpp

namespace {

using integer::Run;
using integer::Stopped;
using integer::Watch;
using small::kFeatureMax;
using small::kLatentMax;
using small::kLatents;

const small::Model& model() {
    static const small::Model made;
    return made;
}

// Every instruction set, on some threads.
void everywhere(const std::function<void(const Run&)>& test) {
    for (const integer::Kernels* kernels : small::instruction_sets()) {
        for (const int threads : {1, 3}) {
            Watch watch{{}};
            test({kernels, threads, &watch});
        }
    }
}

Narrow through(const Run& run, const integer::Chain& chain, const Narrow& x, std::size_t height, std::size_t width,
               std::size_t band) {
    const std::size_t in = width * chain.inputs(), out = chain.scaled(width) * chain.outputs();
    Narrow result(chain.scaled(height) * out);
    std::size_t given = 0, taken = 0;
    chain.run(
        run, height, width, band,
        [&](std::size_t top, std::size_t bottom, std::int16_t* rows) {
            CHECK(top == given && top < bottom && bottom <= height && bottom - top <= band);
            std::copy_n(&x[top * in], (bottom - top) * in, rows);
            given = bottom;
        },
        [&](std::size_t top, std::size_t bottom, const std::int16_t* rows) {
            CHECK(top == taken && top < bottom && bottom <= chain.scaled(height));
            std::copy_n(rows, (bottom - top) * out, &result[top * out]);
            taken = bottom;
        });
    CHECK(given == height && taken == chain.scaled(height));
    return result;
}

// One layer after the other, over all rows of each.
Narrow in_one_piece(const integer::Chain& chain, const std::vector<integer::Layer>& layers, const Narrow& x,
                    std::size_t height, std::size_t width) {
    integer::Scratch scratch;
    Narrow from = x;
    for (const integer::Layer& layer : layers) {
        const integer::In in{from.data(), height, width, layer.inputs(), layer.inputs()};
        if (layer.kind == integer::Layer::Kind::kUp) height *= layer.side, width *= layer.side;
        if (layer.kind == integer::Layer::Kind::kDown) height /= layer.side, width /= layer.side;
        Narrow to(height * width * layer.outputs());
        const integer::Out out{to.data(), height, width, layer.outputs(), layer.outputs()};
        const std::size_t count = layer.kind == integer::Layer::Kind::kUp ? in.positions() : out.positions();
        const integer::PartialBlock block{layer.first.get(), layer.expand.get(), layer.reduce.get()};
        for (std::size_t at = 0; at < count; at += 5) {
            const std::size_t last = std::min(count, at + 5);
            switch (layer.kind) {
                case integer::Layer::Kind::kDown:
                    integer::scalar.patches(in, layer.side, *layer.first, out, at, last, scratch);
                    break;
                case integer::Layer::Kind::kUp:
                    integer::scalar.spread(in, layer.side, *layer.first, out, at, last, scratch);
                    break;
                default: integer::scalar.partial_block(in, block, out, at, last, scratch);
            }
        }
        from = std::move(to);
    }
    CHECK(from.size() == height * width * chain.outputs());
    return from;
}

void test_bands() {
    Random random(1);
    const std::vector<integer::Layer> layers{
        small::block(random, 7, 2, 9), small::down(2, small::matrix(random, 6, 28)), small::block(random, 6, 2, 20),
        small::block(random, 6, 1, 7), small::up(4, small::matrix(random, 80, 6)),   small::block(random, 5, 2, 9)};
    const integer::Chain chain(layers);
    for (const std::size_t height : Sizes{2, 4, 14}) {
        for (const std::size_t width : Sizes{2, 10}) {
            const Narrow x = drawn<std::int16_t>(random, height * width * 7, kFeatureMax, Draw::kWhole);
            const Narrow whole = in_one_piece(chain, layers, x, height, width);
            everywhere([&](const Run& run) {
                for (const std::size_t band : Sizes{1, 2, 3, 5, 99}) CHECK(through(run, chain, x, height, width, band) == whole);
            });
        }
    }
    for (const auto& wrong : {std::vector<integer::Layer>{}, {layers[0], layers[2]}, {layers[1], layers[1]}}) {
        try {
            const integer::Chain refused(wrong);
            CHECK(false && "refused");
        } catch (const std::invalid_argument&) {
        }
    }
}

void test_scale() {
    Random random(2);
    for (const Draw how : kDraws) {
        const auto factors = small::scale(random, 37);
        const Narrow x = drawn<std::int16_t>(random, 5 * 37, kFeatureMax, how);
        for (const integer::Kernels* kernels : small::instruction_sets()) {
            Narrow to = x;
            kernels->scale(*factors, to.data(), 5);
            for (std::size_t i = 0; i < x.size(); ++i) {
                const std::int64_t product = std::int64_t{x[i]} * factors->factor[i % 37];
                CHECK(to[i] == std::clamp(rounded(product, factors->shift[i % 37]), -kFeatureMax, kFeatureMax));
            }
        }
    }
}

struct Drawn {
    std::vector<float> values;
    std::vector<std::uint8_t> quality;
    std::size_t height, width;

    // Latents of all sizes, with a gap after each row that nobody may touch.
    Drawn(Random& random, std::size_t h, std::size_t w) : height(h), width(w) {
        for (std::size_t i = 0; i < h * row(); ++i) {
            values.push_back(std::ldexp(static_cast<float>(draw(random, power(24), Draw::kWhole)), -static_cast<int>(below(random, 24))));
        }
        for (std::size_t i = 0; i < h * w; ++i) quality.push_back(static_cast<std::uint8_t>(below(random, small::kQualities)));
    }
    std::size_t row() const { return width * kLatents + 3; }
    integer::Latents<const float> in() const { return {values.data(), height, width, kLatents, row()}; }
    integer::Latents<float> out() { return {values.data(), height, width, kLatents, row()}; }
    integer::Gains gains() const { return {model().factor.data(), model().shift.data(), quality.data()}; }
};

void test_synthesis() {
    Random random(3);
    const Drawn y(random, 9, 5);
    const std::size_t height = y.height * small::kStride - 3, width = y.width * small::kStride - 5;
    Narrow x;
    for (std::size_t p = 0; p < y.height * y.width; ++p) {
        for (std::size_t c = 0; c < kLatents; ++c) {
            const auto n = static_cast<std::int64_t>(std::nearbyint(double{y.in().position(p / y.width, p % y.width)[c]} * 256));
            const std::size_t k = y.quality[p] * kLatents + c;
            x.push_back(static_cast<std::int16_t>(std::clamp(rounded(n * model().factor[k], model().shift[k]), -kFeatureMax, kFeatureMax)));
        }
    }
    Watch watch{{}};
    const Narrow samples = through({&integer::scalar, 1, &watch}, model().g_s, x, y.height, y.width, y.height);
    everywhere([&](const Run& run) {
        for (const std::size_t channels : Sizes{1, 3}) {
            std::vector<std::uint8_t> pixels(height * width * channels);
            integer::synthesize<std::uint8_t>(run, model().g_s, y.in(), y.gains(),
                                              {pixels.data(), height, width, channels, static_cast<std::ptrdiff_t>(width * channels),
                                               static_cast<std::ptrdiff_t>(channels), 1});
            for (std::size_t i = 0; i < height * width; ++i) {
                const std::int16_t* const s = &samples[(i / width * y.width * small::kStride + i % width) * 3];
                if (channels == 1) CHECK(pixels[i] == (s[0] + s[1] + s[2] + 1) / 3);
                for (std::size_t c = 0; c < channels && channels == 3; ++c) CHECK(pixels[i * 3 + c] == s[c]);
            }
        }
    });
}

// A picture whose rows run backwards, with one channel that stands for three.
void test_analysis() {
    Random random(4);
    Drawn y(random, 5, 4);
    const std::size_t h = y.height * small::kStride, w = y.width * small::kStride, height = h - 7, width = w - 1;
    const auto samples = drawn<std::uint16_t>(random, height * width, 65535, Draw::kWhole);
    Narrow x;
    for (std::size_t i = 0; i < h * w; ++i) {
        const std::size_t row = std::min(i / w, height - 1), column = std::min(i % w, width - 1);
        x.insert(x.end(), 3, static_cast<std::int16_t>(samples[(height - 1 - row) * width + column] - 32768));
    }
    Watch watch{{}};
    const Narrow wanted = through({&integer::scalar, 1, &watch}, model().g_a, x, h, w, h);
    const std::vector<float> before = y.values;
    everywhere([&](const Run& run) {
        y.values = before;
        integer::analyse<std::uint16_t>(
            run, model().g_a,
            {&samples[(height - 1) * width], height, width, 3, -static_cast<std::ptrdiff_t>(width), 1, 0}, y.gains(), y.out());
        for (std::size_t i = 0; i < y.values.size(); ++i) {
            const std::size_t row = i / y.row(), k = i % y.row(), p = row * y.width + k / kLatents;
            if (k >= y.width * kLatents) {
                CHECK(y.values[i] == before[i]);
                continue;
            }
            const std::size_t gain = y.quality[p] * kLatents + k % kLatents;
            const std::int64_t n = rounded(std::int64_t{wanted[p * kLatents + k % kLatents]} * model().factor[gain], model().shift[gain]);
            CHECK(y.values[i] == static_cast<float>(n) / 256);
        }
    });
}

void test_crc() {
    CHECK(rans::crc32(0, std::vector<std::int32_t>{0x3231, 0x3433, 0x3635, 0x3837}.data(), 4) == 0x9AE0DAAFU);  // "12345678"
    const std::vector<std::int32_t> symbols{-32767, 32767, 0, -1, 5, 1, -2};
    for (std::size_t first = 0; first <= symbols.size(); ++first) {
        const std::uint32_t part = rans::crc32(0, symbols.data(), first);
        CHECK(rans::crc32(part, &symbols[0] + first, symbols.size() - first) == rans::crc32(0, symbols.data(), symbols.size()));
    }
}

std::vector<float> hyper(const Run& run, const Drawn& y, std::size_t h, std::size_t w) {
    std::vector<float> z(h * w * small::kHyper);
    const std::vector<std::int8_t> exponents{-8, 0, 3};
    integer::hyper(run, model().h_a, y.in(), exponents.data(), z.data());
    return z;
}

void test_tiles() {
    Random random(5);
    for (const std::size_t height : Sizes{4, 12}) {
        Drawn y(random, height, 8);
        y.values[0] = std::numeric_limits<float>::quiet_NaN();
        y.values[9] = std::numeric_limits<float>::infinity();
        std::vector<std::vector<std::uint8_t>> first;
        std::vector<float> latents;
        everywhere([&](const Run& run) {
            const std::vector<float> z = hyper(run, y, height / 4, 2);
            Drawn y_hat = y;
            integer::Record record;
            const auto streams = integer::encode(run, model().entropy, model().tables, y.in(),
                                                 {z.data(), height / 4, 2, small::kHyper, 2 * small::kHyper}, y_hat.out(), record);
            if (first.empty()) first = streams, latents = y_hat.values;
            CHECK(streams == first && y_hat.values.size() == latents.size());
            std::vector<integer::Bytes> bytes;
            std::size_t size = 0;
            for (const auto& stream : streams) bytes.push_back({stream.data(), stream.size()}), size += stream.size();
            double bits = 0;
            for (const float b : record.bits) bits += b;
            CHECK(bits > 0 && bits <= 8.0 * static_cast<double>(size));
            Drawn back = y;
            integer::Record read;
            integer::decode(run, model().entropy, model().tables, bytes, 6, back.out(), read);
            CHECK(read.crc == record.crc && read.bits == record.bits);
            for (std::size_t i = 0; i < latents.size(); ++i) {
                const bool gap = i % y.row() >= y.width * kLatents;
                CHECK(gap ? back.values[i] == y.values[i] : back.values[i] == y_hat.values[i] && back.values[i] == latents[i]);
            }
            // Only the first requests: no bits of the others, and streams may end where they like.
            bytes[2].size = 0;
            integer::decode(run, model().entropy, model().tables, bytes, 3, back.out(), read);
            const std::size_t positions = height * 8;
            for (std::size_t i = 0; i < read.bits.size(); ++i) {
                CHECK(i < 3 * positions ? read.bits[i] == record.bits[i] : read.bits[i] == 0);
            }
            try {
                integer::decode(run, model().entropy, model().tables, bytes, 6, back.out(), read);
                CHECK(false && "damaged");
            } catch (const rans::Error&) {
            }
        });
    }
    const auto refused = [](const std::function<void()>& call) {
        try {
            call();
        } catch (const std::logic_error&) {
            return true;
        }
        return false;
    };
    Watch watch{{}};
    const Run run{&integer::scalar, 1, &watch};
    CHECK(refused([] { integer::Tile(model().entropy, 6, 8); }));
    integer::Tile tile(model().entropy, 4, 4);
    const std::vector<std::int32_t> none(1000);
    CHECK(refused([&] { tile.take(run, none.data()); }));
    CHECK(tile.next(run) && refused([&] { tile.next(run); }));
    // Latents when all are known, and nothing of a tile that was given up.
    Drawn known(random, 4, 4);
    for (bool more = true; more; more = tile.next(run)) {
        CHECK(refused([&] { tile.y_hat(known.out()); }));
        tile.take(run, none.data());
    }
    tile.y_hat(known.out());
    for (const bool taking : {false, true}) {
        integer::Tile left(model().entropy, 4, 4);
        for (int i = 0; i < 3; ++i) left.next(run), left.take(run, none.data());
        if (taking) left.next(run);
        // A tile looks before it begins to compute.
        int looks = taking ? 0 : 1;
        Watch impatient([&](double) { return looks-- > 0; }, Watch::Clock::duration::zero());
        const Run stopping{&integer::scalar, 1, &impatient};
        bool stopped = false;
        try {
            taking ? left.take(stopping, none.data()) : void(left.next(stopping));
        } catch (const Stopped&) {
            stopped = true;
        }
        CHECK(stopped && refused([&] { left.next(run); }) && refused([&] { left.take(run, none.data()); }));
    }
}

// Every job asks whether it is still wanted at each chunk, if it may ask so often; and is left when it is not.
void test_stopping() {
    Random random(6);
    Drawn y(random, 16, 16);
    Watch free{{}};
    const std::vector<float> z = hyper({&integer::scalar, 1, &free}, y, 4, 4);
    std::vector<std::uint8_t> pixels(128 * 128 * 3);
    std::vector<std::vector<std::uint8_t>> streams;
    const std::vector<std::function<void(const Run&)>> jobs{
        [&](const Run& run) {
            Drawn to = y;
            integer::analyse<std::uint8_t>(run, model().g_a, {pixels.data(), 128, 128, 3, 384, 3, 1}, y.gains(), to.out());
        },
        [&](const Run& run) { hyper(run, y, 4, 4); },
        [&](const Run& run) {
            Drawn to = y;
            integer::Record record;
            streams = integer::encode(run, model().entropy, model().tables, y.in(), {z.data(), 4, 4, small::kHyper, 4 * small::kHyper},
                                      to.out(), record);
        },
        [&](const Run& run) {
            Drawn to = y;
            integer::Record record;
            std::vector<integer::Bytes> bytes;
            for (const auto& stream : streams) bytes.push_back({stream.data(), stream.size()});
            integer::decode(run, model().entropy, model().tables, bytes, 6, to.out(), record);
        },
        [&](const Run& run) {
            integer::synthesize<std::uint8_t>(run, model().g_s, y.in(), y.gains(), {pixels.data(), 128, 128, 3, 384, 3, 1});
        },
    };
    for (const auto& job : jobs) {
        std::size_t asked = 0, wanted = std::numeric_limits<std::size_t>::max();
        double done = 0;
        const auto ask = [&](double now) {
            CHECK(done <= now && now <= 1);
            done = now;
            return ++asked < wanted;
        };
        for (const int threads : {1, 3}) {
            asked = 0, done = 0, wanted = std::numeric_limits<std::size_t>::max();
            Watch watch(ask, Watch::Clock::duration::zero());
            job({&integer::scalar, threads, &watch});
            const std::size_t all = asked;
            CHECK(all > 3);
            // With more threads it is chance how much of the work is left to the one that asks.
            for (const std::size_t last : Sizes{1, threads == 1 ? all / 2 : 1}) {
                asked = 0, done = 0, wanted = last;
                Watch impatient(ask, Watch::Clock::duration::zero());
                try {
                    job({&integer::scalar, threads, &impatient});
                    CHECK(false && "stopped");
                } catch (const Stopped&) {
                }
                CHECK(asked == last);
            }
        }
        asked = 0, done = 0, wanted = std::numeric_limits<std::size_t>::max();
        Watch patient(ask, std::chrono::hours(1));
        job({&integer::scalar, 1, &patient});
        CHECK(asked == 1);
    }
}

}  // namespace

int main() {
    test_bands();
    test_scale();
    test_synthesis();
    test_analysis();
    test_crc();
    test_tiles();
    test_stopping();
    test_alone();
    std::puts("All tests passed.");
    return 0;
}
