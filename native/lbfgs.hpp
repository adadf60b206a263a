// The iterations of src/edgewise/optim in compiled code, for functions that cost little more than calls of
// Python: the same steps and decisions, sums added in another order. Either may go on where the other stopped.
#pragma once

#include <math.h>

#include <utility>

#include "lbfgs_history.hpp"

namespace edgewise {

// The settings of optim/lbfgs.py and of optim/line_search.py.
struct LbfgsSettings {
    int64_t iterations;
    double tolerance_gradient, initial_step, decrease, curvature;
    int64_t evaluations;
};

enum Status : int { kRunning = 0, kSmallGradient = 1, kLineSearchFailed = 2, kNotFinite = 3 };

// A value of the function and the parts that it is made of.
struct Value {
    double objective, loss, penalty;
};

template <class T>
double max_abs(const T* a, int64_t n) {
    double size = 0;
    for (int64_t at = 0; at < n; ++at) {
        const double here = fabs(static_cast<double>(a[at]));
        if (here > size || isnan(here)) size = here;
    }
    return size;
}

// A place on the line.
struct Trial {
    double t;
    Value value;
    double slope;

    bool finite() const { return isfinite(value.objective) && isfinite(slope); }
};

// Minimum of the cubic through both values and slopes, kept between the two bounds.
inline double cubic_minimum(const Trial& a, const Trial& b, double nearest, double farthest) {
    const double lowest = std::min(nearest, farthest), highest = std::max(nearest, farthest);
    const double middle = 0.5 * (lowest + highest);
    if (!a.finite() || !b.finite() || a.t == b.t) return middle;
    const double d1 = a.slope + b.slope - 3 * (a.value.objective - b.value.objective) / (a.t - b.t);
    const double root = d1 * d1 - a.slope * b.slope;
    if (!(root >= 0)) return middle;
    const double d2 = copysign(sqrt(root), b.t - a.t), below = b.slope - a.slope + 2 * d2;
    if (below == 0 || !isfinite(below)) return middle;
    const double t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / below;
    return std::min(std::max(t, lowest), highest);
}

// Minimises a function that reads its arguments at `probe`: Value function(T* gradient).
template <class T, class Function>
class Lbfgs {
  public:
    int64_t iterations = 0, evaluations = 0;
    Status status = kRunning;

    // The point x (n,) and its gradient are overwritten by the point reached.
    Lbfgs(Function function, const LbfgsSettings& settings, const HistoryArrays<T>& pairs, int64_t n, T* probe, T* x,
          T* gradient)
        : function_(function),
          s(settings),
          history_(pairs, n),
          n(n),
          probe_(probe),
          x_(x),
          gradient_(gradient),
          space_(static_cast<size_t>(4 * n)),
          direction_(space_.data()),
          trial_gradient_(direction_ + n),
          best_gradient_(trial_gradient_ + n),
          step_(best_gradient_ + n) {}

    int64_t added() const { return history_.added(); }

    Value run(Value value) {
        while (iterations < s.iterations && status == kRunning) {
            const Trial start = {0.0, value, set_direction()};
            const Trial end = search(start, initial_length());
            if (end.value.objective < start.value.objective) {
                accept(end);
                value = end.value;
                ++iterations;
                if (max_abs(gradient_, n) <= s.tolerance_gradient) status = kSmallGradient;
            } else if (history_.added() == 0) {
                status = not_finite_ ? kNotFinite : kLineSearchFailed;
            } else {
                history_.clear();  // once more, from steepest descent
            }
        }
        return value;
    }

  private:
    // Sets the direction; its slope, below zero unless the gradient is zero or not finite.
    double set_direction() {
        history_.direction(gradient_, direction_);
        double slope = dot(gradient_, direction_, n);
        if (!(slope < 0)) {
            history_.clear();
            history_.direction(gradient_, direction_);
            slope = dot(gradient_, direction_, n);
        }
        return slope;
    }

    double initial_length() const {
        if (history_.added()) return s.initial_step;
        double slope = 0, size = 0;
        for (int64_t at = 0; at < n; ++at) {
            slope += fabs(static_cast<double>(gradient_[at]));
            size += fabs(static_cast<double>(x_[at]));
        }
        // In a small unit of the function the gradient is no length for a step: it must at least be seen beside x.
        const double least = pow(static_cast<double>(std::numeric_limits<T>::epsilon()), 0.75) * size;
        return s.initial_step * std::max(std::min(1.0, 1.0 / slope), least / slope);
    }

    void accept(const Trial& end) {
        const T t = static_cast<T>(end.t);
        for (int64_t at = 0; at < n; ++at) {
            step_[at] = t * direction_[at];
            gradient_[at] = best_gradient_[at] - gradient_[at];
        }
        step_to(end.t, x_);
        history_.add(step_, gradient_);
        std::copy_n(best_gradient_, n, gradient_);
    }

    void step_to(double t, T* to) const {
        for (int64_t at = 0; at < n; ++at) to[at] = x_[at] + static_cast<T>(t) * direction_[at];
    }

    Trial line(double t) {
        step_to(t, probe_);
        const Value value = function_(trial_gradient_);
        ++count_;
        const Trial trial = {t, value, dot(trial_gradient_, direction_, n)};
        not_finite_ = not_finite_ || !trial.finite();
        return trial;
    }

    // The gradient last tried is that of the best trial.
    const Trial& keep_gradient(const Trial& trial) {
        std::swap(trial_gradient_, best_gradient_);
        return trial;
    }

    // Strong Wolfe: a trial with a lower value than `start`, and its gradient kept, or a trial without.
    Trial search(const Trial& start, double t) {
        count_ = 0;
        not_finite_ = false;
        const Trial end = bracket(start, t);
        evaluations += count_;
        return end;
    }

    // Lengthens the step until it is good, or a good one must lie between two.
    Trial bracket(const Trial& start, double t) {
        Trial low = start;
        double limit = std::numeric_limits<double>::infinity();
        while (count_ < s.evaluations) {
            const Trial trial = line(t);
            if (!trial.finite()) {
                limit = t;
                t = low.t + 0.2 * (t - low.t);
            } else if (!decreases(trial, start) || (low.t != 0 && trial.value.objective >= low.value.objective)) {
                return zoom(start, low, trial);
            } else if (is_flat(trial, start)) {
                return keep_gradient(trial);
            } else if (trial.slope >= 0) {
                return zoom(start, keep_gradient(trial), low);
            } else {
                const double step = trial.t - low.t;
                t = cubic_minimum(low, trial, trial.t + 0.1 * step, trial.t + 9 * step);
                if (trial.slope < low.slope) {  // it bends down: the cubic knows no minimum ahead
                    t = std::max(t, trial.t + step);
                }
                if (t >= limit) t = trial.t + 0.5 * (limit - trial.t);
                low = keep_gradient(trial);
            }
        }
        return low;
    }

    // Narrows the bracket, `low` being its end with the lower value.
    Trial zoom(const Trial& start, Trial low, Trial high) {
        double before = fabs(high.t - low.t), last = before;
        while (count_ < s.evaluations) {
            const double width = high.t - low.t;
            double t = cubic_minimum(low, high, low.t + 0.1 * width, low.t + 0.9 * width);
            if (fabs(width) > 0.66 * before) t = low.t + 0.5 * width;  // two rounds without a third off: halve
            if (t == low.t || t == high.t) break;
            const Trial trial = line(t);
            if (!trial.finite() || !decreases(trial, start) || trial.value.objective >= low.value.objective) {
                high = trial;
            } else {
                if (is_flat(trial, start)) return keep_gradient(trial);
                if (trial.slope * width >= 0) high = low;
                low = keep_gradient(trial);
            }
            before = last;
            last = fabs(width);
        }
        return low;
    }

    bool decreases(const Trial& trial, const Trial& start) const {
        return trial.value.objective <= start.value.objective + s.decrease * trial.t * start.slope;
    }
    bool is_flat(const Trial& trial, const Trial& start) const {
        return fabs(trial.slope) <= -s.curvature * start.slope;
    }

    Function function_;
    LbfgsSettings s;
    LbfgsHistory<T> history_;
    int64_t n, count_ = 0;
    bool not_finite_ = false;  // a trial of this search was NaN or infinite
    T *probe_, *x_, *gradient_;
    std::vector<T> space_;
    T *direction_, *trial_gradient_, *best_gradient_, *step_;
};

}  // namespace edgewise
