// The iterations of src/edgewise/optim/levenberg_marquardt.py with QR, in compiled code: the same steps and decisions, sums
// added in another order, and normal equations where the damping makes them as good. Either may go on where the other
// stopped.
#pragma once

#include <initializer_list>

#include "gram.hpp"
#include "scratch.hpp"
#include "triangle.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

class LevenbergMarquardt {
  public:
    LevenbergMarquardt(LeastSquares& problem, const LmSettings& settings, LmState& state)
        : problem_(problem), s(settings), state(state), m(problem.rows), curved_(problem.curved), n(problem.columns) {
        Arena measured(nullptr);
        take_all(measured);
        memory_ = static_cast<char*>(acquire_block(static_cast<size_t>(measured.used())));
        if (!memory_) return;
        Arena arena(memory_);
        take_all(arena);
    }
    ~LevenbergMarquardt() { release_block(memory_); }
    LevenbergMarquardt(const LevenbergMarquardt&) = delete;
    LevenbergMarquardt& operator=(const LevenbergMarquardt&) = delete;

    bool ok() const { return memory_ != nullptr; }

    // The residuals at the first point, and their squares.
    void start() {
        problem_.residual(state.x, state.residual);
        state.value = squares(state.residual);
        state.status = isfinite(state.value) ? LmStatus::kRunning : LmStatus::kNotFinite;
    }

    void run() {
        for (int64_t done = 0; done < s.iterations && state.status == LmStatus::kRunning; ++done) iterate();
    }

  private:
    static constexpr double kMostDamping = 1e12, kLeastDamping = 1e-24, kDecrease = 1.0 / 3, kAsPredicted = 0.1;
    // With so much damping normal equations lose no digit of a step that matters: they are solved to 1e-9 or so of it.
    static constexpr double kLeastBySquares = 1e-5;
    static constexpr double kProbe = 0.1, kAgreeing = 100;

    void take_all(Arena& arena) {
        tiles_ = arena.take<double>(tiles_of(curved_) * n * kTile);
        scratch_ = arena.take<double>((n + 1) * kTile);
        for (double** part : {&plain_.numbers, &damped_.numbers}) *part = arena.take<double>(Triangle::size(n));
        for (double** part : {&metric_, &gradient_, &step_, &delta_, &probe_, &bend_}) *part = arena.take<double>(n);
        for (double** part : {&tried_, &near_}) *part = arena.take<double>(m);
        plain_.columns = damped_.columns = n;
    }

    double squares(const double* r) const {
        double total = 0;
        for (int64_t at = 0; at < m; ++at) total += r[at] * r[at];
        return total;
    }

    int64_t rows_in(int64_t tile) const { return curved_ - tile * kTile < kTile ? curved_ - tile * kTile : kTile; }

    void iterate() {
        problem_.jacobian(state.x, tiles_);
        if (!set_metric()) {
            state.status = LmStatus::kNotFinite;
            return;
        }
        by_squares_ = state.damping >= kLeastBySquares;
        by_squares_ ? square() : reduce();
        double largest = 0;
        for (int64_t j = 0; j < n; ++j) largest = fabs(gradient_[j]) > largest ? fabs(gradient_[j]) : largest;
        if (largest <= s.tolerance_gradient) {
            state.status = LmStatus::kSmallGradient;
            return;
        }
        while (state.damping <= kMostDamping) {
            double predicted;
            const bool solved = solve(predicted) && (!(s.geodesic_acceleration > 0) || accelerate());
            if (solved && attempt(predicted)) return;
            state.damping *= state.growth;
            state.growth *= 2;
            state.evaluations += solved;
        }
        state.status = LmStatus::kDampedOut;
    }

    // Norms of the columns, and what the damping measures steps by; false where one is not finite.
    bool set_metric() {
        double largest = 0;
        bool finite = true;
        for (int64_t j = 0; j < n; ++j) {
            double total = 0;
            for (int64_t tile = 0; tile < tiles_of(curved_); ++tile) {
                const double* column = tiles_ + (tile * n + j) * kTile;
                total += Triangle::dot(column, column, kTile);
            }
            for (int64_t k = 0; problem_.linear && k <= j; ++k) total += problem_.linear[k * n + j] * problem_.linear[k * n + j];
            const double norm = sqrt(total);
            finite = finite && isfinite(norm);
            metric_[j] = s.monotone_scaling && state.has_scale && state.scale[j] > norm ? state.scale[j] : norm;
            largest = metric_[j] > largest ? metric_[j] : largest;
        }
        if (!finite) return false;
        memcpy(state.scale, metric_, static_cast<size_t>(n) * sizeof(double));
        state.has_scale = true;
        const double least = largest > 0 ? s.min_relative_scale * largest : 1.0;
        for (int64_t j = 0; j < n; ++j) metric_[j] = metric_[j] > least ? metric_[j] : least;
        return true;
    }

    // The normal equations in columns divided by the metric; and the gradient.
    void square() {
        plain_.clear();
        Gram(tiles_, curved_, n, plain_.numbers, Triangle::stride(n)).run();
        for (int64_t i = 0; i < n; ++i) {
            double* row = plain_.row(i);
            const double* linear = problem_.linear_gram ? problem_.linear_gram + i * n : nullptr;
            for (int64_t j = i; j < n; ++j) row[j] = (row[j] + (linear ? linear[j] : 0)) / (metric_[i] * metric_[j]);
        }
        memset(gradient_, 0, static_cast<size_t>(n) * sizeof(double));
        for (int64_t tile = 0; tile < tiles_of(curved_); ++tile) {
            copy_residual(state.residual, tile, scratch_);
            for (int64_t j = 0; j < n; ++j) gradient_[j] -= Triangle::dot(tiles_ + (tile * n + j) * kTile, scratch_, kTile);
        }
        for (int64_t k = 0; problem_.linear && k < n; ++k) {
            const double* from = problem_.linear + k * n;
            double image = 0;
            for (int64_t j = k; j < n; ++j) image += from[j] * state.x[j];
            for (int64_t j = k; j < n; ++j) gradient_[j] += from[j] * image;
        }
    }

    // The triangle of the Jacobian in columns divided by the metric, that of -r beside it; and the gradient.
    void reduce() {
        plain_.clear();
        memset(gradient_, 0, static_cast<size_t>(n) * sizeof(double));
        if (problem_.linear) begin_with_linear();
        for (int64_t tile = 0; tile < tiles_of(curved_); ++tile) {
            double* rest = scratch_ + n * kTile;
            copy_residual(state.residual, tile, rest);
            for (int64_t j = 0; j < n; ++j) {
                const double* column = tiles_ + (tile * n + j) * kTile;
                gradient_[j] -= Triangle::dot(column, rest, kTile);
                const double share = 1 / metric_[j];
                for (int64_t b = 0; b < kTile; ++b) scratch_[j * kTile + b] = share * column[b];
            }
            plain_.add(scratch_, rows_in(tile));
        }
    }

    // Rows A x are as good as their triangle R: its part of -r is -R x.
    void begin_with_linear() {
        for (int64_t k = 0; k < n; ++k) {
            const double* from = problem_.linear + k * n;
            double* to = plain_.row(k);
            double image = 0;
            for (int64_t j = k; j < n; ++j) {
                image += from[j] * state.x[j];
                to[j] = from[j] / metric_[j];
            }
            to[n] = -image;
            for (int64_t j = k; j < n; ++j) gradient_[j] += from[j] * image;
        }
    }

    // -r on a tile.
    void copy_residual(const double* r, int64_t tile, double* to) const {
        const int64_t rows = rows_in(tile);
        for (int64_t b = 0; b < kTile; ++b) to[b] = b < rows ? -r[tile * kTile + b] : 0.0;
    }

    // The step for the damping of now, in `step_` as the metric measures it; false where rounding leaves none.
    bool solve(double& predicted) {
        memcpy(damped_.numbers, plain_.numbers, static_cast<size_t>(Triangle::size(n)) * sizeof(double));
        by_squares_ ? solve_squares() : solve_triangle();
        double length = 0;
        for (int64_t j = 0; j < n; ++j) {
            length += step_[j] * step_[j];
            delta_[j] = step_[j] / metric_[j];
        }
        predicted = (by_squares_ ? quadratic_form() : plain_.image_square(step_)) + 2 * state.damping * length;
        bool finite = isfinite(predicted);
        for (int64_t j = 0; j < n; ++j) finite = finite && isfinite(delta_[j]);
        return finite;
    }

    void solve_squares() {
        for (int64_t j = 0; j < n; ++j) {
            damped_.row(j)[j] += state.damping;
            step_[j] = -gradient_[j] / metric_[j];
        }
        damped_.factorise();
        damped_.solve_transposed(step_);
        damped_.solve(step_);
    }

    // |J d|^2 by J' J.
    double quadratic_form() const {
        double total = 0;
        for (int64_t i = 0; i < n; ++i) {
            const double* row = plain_.row(i);
            const double beside = Triangle::dot_of_any(row + i + 1, step_ + i + 1, n - i - 1);
            total += step_[i] * (row[i] * step_[i] + 2 * beside);
        }
        return total;
    }

    void solve_triangle() {
        const double root = sqrt(state.damping);
        for (int64_t first = 0; first < n; first += kTile) {
            const int64_t rows = n - first < kTile ? n - first : kTile;
            memset(scratch_, 0, static_cast<size_t>((n + 1) * kTile) * sizeof(double));
            for (int64_t b = 0; b < rows; ++b) scratch_[(first + b) * kTile + b] = root;
            damped_.add_stairs(scratch_, rows, first);
        }
        for (int64_t j = 0; j < n; ++j) step_[j] = damped_.row(j)[n];
        damped_.solve(step_);
    }

    // Adds half the acceleration to the step; false where it is too large to be trusted.
    bool accelerate() {
        for (int64_t j = 0; j < n; ++j) probe_[j] = state.x[j] + kProbe * delta_[j];
        problem_.residual(probe_, near_);
        ++state.evaluations;
        memset(bend_, 0, static_cast<size_t>(n) * sizeof(double));
        for (int64_t tile = 0; tile < tiles_of(curved_); ++tile) {
            double curvature[kTile] = {};
            for (int64_t b = 0; b < rows_in(tile); ++b) {
                const int64_t at = tile * kTile + b;
                curvature[b] = (near_[at] - state.residual[at]) / kProbe;
            }
            const double* columns = tiles_ + tile * n * kTile;
            for (int64_t j = 0; j < n; ++j)
                for (int64_t b = 0; b < kTile; ++b) curvature[b] -= columns[j * kTile + b] * delta_[j];
            for (int64_t j = 0; j < n; ++j) bend_[j] -= Triangle::dot(columns + j * kTile, curvature, kTile);
        }
        for (int64_t j = 0; j < n; ++j) bend_[j] *= 2 / kProbe / metric_[j];
        damped_.solve_transposed(bend_);
        damped_.solve(bend_);
        double length = 0, bent = 0;
        for (int64_t j = 0; j < n; ++j) {
            length += step_[j] * step_[j];
            bent += bend_[j] * bend_[j];
        }
        if (!(4 * bent <= s.geodesic_acceleration * s.geodesic_acceleration * length)) return false;
        for (int64_t j = 0; j < n; ++j) delta_[j] += bend_[j] / metric_[j] / 2;
        return true;
    }

    // Goes there if the value falls.
    bool attempt(double predicted) {
        for (int64_t j = 0; j < n; ++j) probe_[j] = state.x[j] + delta_[j];
        problem_.residual(probe_, tried_);
        const double value = squares(tried_);
        double gained = 0;  // the difference of squares as a product: no digits are lost where both are nearly equal
        for (int64_t at = 0; at < m; ++at)
            gained += (state.residual[at] - tried_[at]) * (state.residual[at] + tried_[at]);
        if (!(gained > 0 && isfinite(value) && predicted > 0)) return false;
        if (gained <= s.tolerance_change * state.value) {
            // Where the damping shortens the step, little is promised though much may be left.
            const bool met = state.damping <= 1 && predicted <= kAgreeing * s.tolerance_change * state.value;
            state.status = met ? LmStatus::kSmallChange : LmStatus::kStandstill;
        }
        const double damping = state.damping * damping_factor(gained / predicted);
        state.damping = damping > kLeastDamping ? damping : kLeastDamping;
        state.growth = 2;
        state.value = value;
        memcpy(state.x, probe_, static_cast<size_t>(n) * sizeof(double));
        memcpy(state.residual, tried_, static_cast<size_t>(m) * sizeof(double));
        ++state.iterations;
        ++state.evaluations;
        return true;
    }

    double damping_factor(double ratio) const {
        if (s.damping_decrease < kDecrease && fabs(ratio - 1) < kAsPredicted) return s.damping_decrease;
        const double off = 2 * (ratio < 1 ? ratio : 1.0) - 1, factor = 1 - off * off * off;
        return factor > kDecrease ? factor : kDecrease;
    }

    LeastSquares& problem_;
    LmSettings s;
    LmState& state;
    int64_t m, curved_, n;
    bool by_squares_ = false;  // normal equations, or else QR
    char* memory_ = nullptr;
    double *tiles_ = nullptr, *scratch_ = nullptr;
    Triangle plain_ = {nullptr, 0}, damped_ = {nullptr, 0};
    double *metric_ = nullptr, *gradient_ = nullptr, *step_ = nullptr, *delta_ = nullptr, *probe_ = nullptr,
           *bend_ = nullptr, *tried_ = nullptr, *near_ = nullptr;
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
