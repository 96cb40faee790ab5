// 1x1 convolutions of positions of which those at one phase, the same place in each cell of stride x stride, know the
// same channels and want the same of the result.

#pragma once

#include <vector>

#include "kernels.hpp"
#include "run.hpp"

namespace integer {

using Panels = std::vector<std::size_t>;  // of a matrix's outputs

// All positions; `wanted`: by phase, row by row of the cell, or none where all of the result is. Throws Stopped.
void by_phase(const Run& run, const In& x, std::size_t stride, const Matrix& matrix, const Out& out,
              const std::vector<Panels>* wanted = nullptr);

}  // namespace integer
