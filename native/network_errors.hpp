// The errors of a fused network as a sum of squares. Its twin in plain torch is src/edgewise/train/objective/residuals.py.
#pragma once

#include "kernels.hpp"
#include "levenberg_marquardt.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// The errors of a network on its samples, and rows that are linear in its parameters.
template <class T>
class NetworkErrors : public LeastSquares {
  public:
    explicit NetworkErrors(const NetworkSquares<T>& squares) : s(squares) {
        curved = s.rows;
        rows = s.rows + s.linear_rows;
        columns = s.columns;
        linear = s.triangle;
        linear_gram = s.gram;
    }

    void residual(const double* x, double* result) override {
        set_parameters(x);
        const T* found = s.network->forward(false, false);
        for (int64_t at = 0; at < s.rows; ++at)
            result[at] = s.factor[at] * static_cast<double>(found[at] - s.target[at]);
        for (int64_t row = 0; row < s.linear_rows; ++row) {
            double total = 0;
            for (int64_t at = row * s.entries; at < (row + 1) * s.entries; ++at)
                total += s.linear_values[at] * x[s.linear_columns[at]];
            result[s.rows + row] = total;
        }
    }

    void jacobian(const double* x, double* tiles) override {
        set_parameters(x);
        memset(tiles, 0, static_cast<size_t>(tiles_of(curved) * columns * kTile) * sizeof(double));
        s.network->jacobian(s.places, columns, s.factor, tiles);
    }

  private:
    void set_parameters(const double* x) {
        for (int64_t at = 0; at < columns; ++at) s.parameters[at] = static_cast<T>(x[at]);
    }

    NetworkSquares<T> s;
};

template <class T>
bool minimise(const NetworkSquares<T>& squares, const LmSettings& settings, LmState& state) {
    NetworkErrors<T> errors(squares);
    LevenbergMarquardt solver(errors, settings, state);
    if (!solver.ok()) return false;
    solver.run();
    return true;
}

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
