// Which target's kernels are run.
#pragma once

#include "kernels.hpp"

namespace edgewise {

// The table in use.
const Target& target();

// Takes another table: "baseline", "avx2", "avx512", or an empty name for the best. False where it cannot be run.
bool use_target(const char* name);

}  // namespace edgewise
