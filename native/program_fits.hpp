// Many programs fitted to the same samples, each from several starts. The twin in Python is
// src/edgewise/discovery/polish.py.
#pragma once

#include "levenberg_marquardt.hpp"
#include "program_curve.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

class ProgramSearch {
  public:
    ProgramSearch(ProgramFit& fit, const ProgramSamples& samples, const LmSettings& settings, double damping)
        : fit_(fit),
          settings_(settings),
          damping_(damping),
          n_(fit.program.constants),
          curve_(fit.program, samples),
          numbers_(Scratch::bytes<double>(samples.count) + 2 * Scratch::bytes<double>(n_)),
          residual_(numbers_.take<double>(samples.count)),
          x_(numbers_.take<double>(n_)),
          scale_(numbers_.take<double>(n_)),
          tiles_(Scratch::bytes<double>(tiles_of(samples.count) * n_ * kTile)) {}

    // False: not enough memory.
    bool run() {
        if (!curve_.ok() || numbers_.failed() || tiles_.failed()) return false;
        double* tiles = tiles_.take<double>(tiles_of(curve_.rows) * n_ * kTile);
        fit_.rmse = NAN;
        for (int64_t one = 0; one < fit_.starts; ++one) {
            memcpy(x_, fit_.start + one * n_, static_cast<size_t>(n_) * sizeof(double));
            LmState state = {residual_, x_, scale_, false, 0, damping_, 2, 0, 1, LmStatus::kRunning};
            LevenbergMarquardt solver(curve_, settings_, state);
            if (!solver.ok()) return false;
            solver.start();
            if (n_ > 0) solver.run();
            const double rmse = sqrt(state.value / static_cast<double>(curve_.rows));
            if (!isfinite(rmse) || rmse >= fit_.rmse) continue;
            curve_.jacobian(x_, tiles);
            keep(tiles, rmse);
        }
        return true;
    }

  private:
    // Takes the constants and their slopes, if all of these are finite.
    void keep(const double* tiles, double rmse) {
        double sum = 0;
        for (int64_t at = 0; at < tiles_of(curve_.rows) * n_ * kTile; ++at) sum += 0 * tiles[at];
        if (sum != 0) return;
        fit_.rmse = rmse;
        memcpy(fit_.constants, x_, static_cast<size_t>(n_) * sizeof(double));
        for (int64_t row = 0; row < curve_.rows; ++row)
            for (int64_t j = 0; j < n_; ++j)
                fit_.slopes[row * n_ + j] = tiles[(row / kTile * n_ + j) * kTile + row % kTile];
    }

    ProgramFit& fit_;
    LmSettings settings_;
    double damping_;
    int64_t n_;
    ProgramCurve curve_;
    Scratch numbers_;
    double *residual_, *x_, *scale_;
    Scratch tiles_;
};

inline bool fit_programs(ProgramFit* fits, int64_t count, const ProgramSamples& samples, const LmSettings& settings,
                         double damping, int threads) {
    bool ok = true;
    (void)threads;  // without OpenMP
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
    for (int64_t at = 0; at < count; ++at) {
        const bool done = ProgramSearch(fits[at], samples, settings, damping).run();
        if (!done) {
#pragma omp atomic write
            ok = false;
        }
    }
    return ok;
}

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
