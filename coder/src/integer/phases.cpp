#include "phases.hpp"

namespace integer {

void by_phase(const Run& run, const In& x, std::size_t stride, const Matrix& matrix, const Out& out,
              const std::vector<Panels>* wanted) {
    std::vector<std::uint32_t> positions;
    positions.reserve(x.positions());  // so that they stay where they are
    std::vector<Choice> choices;
    for (std::size_t phase = 0; phase < stride * stride; ++phase) {
        std::size_t first = positions.size();
        for (std::size_t r = phase / stride; r < x.height; r += stride) {
            for (std::size_t c = phase % stride; c < x.width; c += stride) {
                positions.push_back(static_cast<std::uint32_t>(r * x.width + c));
            }
        }
        for (; first < positions.size(); first += kChunk) {
            const std::size_t count = std::min(kChunk, positions.size() - first);
            choices.push_back({&positions[first], count, wanted != nullptr ? &(*wanted)[phase] : nullptr});
        }
    }
    run.share(choices.size(), [&](std::size_t i) {
        thread_local Scratch scratch;
        run.kernels->pointwise(x, matrix, out, choices[i], scratch);
    });
}

}  // namespace integer
