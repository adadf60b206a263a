// The iterations of src/edgewise/optim in compiled code, for functions that cost little more than calls of
// Python: the same steps and decisions, sums added in another order. Either may go on where the other stopped.
#pragma once

#include <math.h>

#include <utility>

#include "memory.hpp"

namespace edgewise {

// The settings of optim/lbfgs.py and of optim/line_search.py.
struct Settings {
    int64_t iterations;
    double tolerance_gradient, first_step, decrease, curvature;
    int64_t evaluations;
};

enum Ending : int { kGoesOn = 0, kSmallGradient = 1, kLineSearchFailed = 2, kNotFinite = 3 };

// A value of the function and the parts that it is made of.
struct Value {
    double objective, loss, penalty;
};

template <class T>
double largest(const T* a, int64_t n) {
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
    Ending ending = kGoesOn;

    // The point x (n,) and its gradient are overwritten by the point reached.
    Lbfgs(Function function, const Settings& settings, const Pairs<T>& pairs, int64_t n, T* probe, T* x, T* gradient)
        : function_(function),
          s(settings),
          memory_(pairs, n),
          n(n),
          probe_(probe),
          x_(x),
          gradient_(gradient),
          space_(static_cast<size_t>(4 * n)),
          direction_(space_.data()),
          tried_(direction_ + n),
          kept_(tried_ + n),
          step_(kept_ + n) {}

    int64_t added() const { return memory_.added(); }

    Value run(Value value) {
        while (iterations < s.iterations && ending == kGoesOn) {
            const Trial start = {0.0, value, descent()};
            const Trial end = search(start, first_length());
            if (end.value.objective < start.value.objective) {
                take(end);
                value = end.value;
                ++iterations;
                if (largest(gradient_, n) <= s.tolerance_gradient) ending = kSmallGradient;
            } else if (memory_.added() == 0) {
                ending = broken_ ? kNotFinite : kLineSearchFailed;
            } else {
                memory_.clear();  // once more, from steepest descent
            }
        }
        return value;
    }

  private:
    // Sets the direction; its slope, below zero unless the gradient is zero or not finite.
    double descent() {
        memory_.direction(gradient_, direction_);
        double slope = dot(gradient_, direction_, n);
        if (!(slope < 0)) {
            memory_.clear();
            memory_.direction(gradient_, direction_);
            slope = dot(gradient_, direction_, n);
        }
        return slope;
    }

    double first_length() const {
        if (memory_.added()) return s.first_step;
        double size = 0;
        for (int64_t at = 0; at < n; ++at) size += fabs(static_cast<double>(gradient_[at]));
        return s.first_step * std::min(1.0, 1.0 / size);
    }

    void take(const Trial& end) {
        const T t = static_cast<T>(end.t);
        for (int64_t at = 0; at < n; ++at) {
            step_[at] = t * direction_[at];
            gradient_[at] = kept_[at] - gradient_[at];
        }
        go(end.t, x_);
        memory_.add(step_, gradient_);
        std::copy_n(kept_, n, gradient_);
    }

    void go(double t, T* to) const {
        for (int64_t at = 0; at < n; ++at) to[at] = x_[at] + static_cast<T>(t) * direction_[at];
    }

    Trial line(double t) {
        go(t, probe_);
        const Value value = function_(tried_);
        ++count_;
        const Trial trial = {t, value, dot(tried_, direction_, n)};
        broken_ = broken_ || !trial.finite();
        return trial;
    }

    // The gradient last tried is that of the best trial.
    const Trial& keep(const Trial& trial) {
        std::swap(tried_, kept_);
        return trial;
    }

    // Strong Wolfe: a trial with a lower value than `start`, and its gradient kept, or a trial without.
    Trial search(const Trial& start, double t) {
        count_ = 0;
        broken_ = false;
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
                return keep(trial);
            } else if (trial.slope >= 0) {
                return zoom(start, keep(trial), low);
            } else {
                const double longest = trial.t + 9 * (trial.t - low.t);
                t = cubic_minimum(low, trial, trial.t + 0.1 * (trial.t - low.t), longest);
                if (t >= limit) t = trial.t + 0.5 * (limit - trial.t);
                low = keep(trial);
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
                if (is_flat(trial, start)) return keep(trial);
                if (trial.slope * width >= 0) high = low;
                low = keep(trial);
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
    Settings s;
    Memory<T> memory_;
    int64_t n, count_ = 0;
    bool broken_ = false;  // a trial of this search was NaN or infinite
    T *probe_, *x_, *gradient_;
    std::vector<T> space_;
    T *direction_, *tried_, *kept_, *step_;
};

}  // namespace edgewise
