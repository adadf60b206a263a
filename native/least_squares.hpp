// Sums of squares, and how the iterations on them are set: see src/edgewise/optim/levenberg_marquardt.py.
#pragma once

#include <stdint.h>

namespace edgewise {

constexpr int64_t kTile = 64;  // rows of a Jacobian that stand together

inline int64_t tiles_of(int64_t rows) { return (rows + kTile - 1) / kTile; }

// Residuals r(x), and the derivatives of the first `curved` of them in tiles (tiles, columns, kTile): a column of a tile is
// one piece, and rows after the last are zero. The others are A x, with R of A = Q R in `linear` (columns, columns), zero
// below the diagonal, and A' A in `linear_gram`; null if there are none.
class LeastSquares {
  public:
    virtual ~LeastSquares() {}
    virtual void residual(const double* x, double* result) = 0;
    virtual void jacobian(const double* x, double* tiles) = 0;
    int64_t rows = 0, curved = 0, columns = 0;
    const double *linear = nullptr, *linear_gram = nullptr;
};

struct LmSettings {
    int64_t iterations;
    double tolerance_gradient, tolerance_change, min_relative_scale;
    bool monotone_scaling;
    double geodesic_acceleration, damping_decrease;
};

enum class LmStatus : int {
    kRunning = 0,
    kSmallGradient = 1,
    kSmallChange = 2,
    kStandstill = 3,
    kDampedOut = 4,
    kNotFinite = 5
};

// Where the search stands. Of the vectors the first has a number for each row, the others one for each column.
struct LmState {
    double *residual, *x, *scale;
    bool has_scale;
    double value, damping, growth;
    int64_t iterations, evaluations;
    LmStatus status;
};

}  // namespace edgewise
