// The k + 1 basis functions that are not zero, and the base, for one input and many samples at once.
#pragma once

#include "kernels.hpp"
#include "simd.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// One input's knots: intervals [knots[j], knots[j + 1]), j from 0, of the domain. `knots` has `degree` more
// on either side.
template <class T>
struct Axis {
    const T* knots;
    T low, high, width, inverse_width;
    int intervals;
    bool uniform;
};

template <class T>
struct Rounding;
template <>
struct Rounding<float> {
    static constexpr float unit = 1.1920929e-07f;
};
template <>
struct Rounding<double> {
    static constexpr double unit = 2.220446049250313e-16;
};

template <class T>
inline T magnitude(T value) {
    return value < 0 ? -value : value;
}

// `knots` points at the first knot of the domain. Equal steps up to rounding count as uniform.
template <class T>
inline Axis<T> make_axis(const T* knots, int intervals, int degree) {
    Axis<T> axis;
    axis.knots = knots;
    axis.intervals = intervals;
    axis.low = knots[0];
    axis.high = knots[intervals];
    axis.width = (axis.high - axis.low) / static_cast<T>(intervals);
    axis.inverse_width = 1 / axis.width;
    const T first = magnitude(knots[-degree]), last = magnitude(knots[intervals + degree]);
    const T slack = 4 * Rounding<T>::unit * (first > last ? first : last);
    axis.uniform = axis.width > 8 * slack;
    for (int j = -degree; j <= intervals + degree && axis.uniform; ++j)
        axis.uniform = magnitude(knots[j] - (axis.low + axis.width * static_cast<T>(j))) <= slack;
    return axis;
}

// Polynomials in s = sigmoid(x): the derivatives of the sigmoid of two orders, as SiLU's needs them.
struct SigmoidSlopes {
    double lower[kMaxOrder + 2], upper[kMaxOrder + 2];
};

inline SigmoidSlopes sigmoid_slopes(int order) {
    SigmoidSlopes slopes;
    memset(&slopes, 0, sizeof slopes);
    slopes.upper[1] = 1;
    for (int n = 0; n < order; ++n) {
        memcpy(slopes.lower, slopes.upper, sizeof slopes.lower);
        memset(slopes.upper, 0, sizeof slopes.upper);
        for (int power = 1; power <= n + 1; ++power) {
            const double slope = power * slopes.lower[power];
            slopes.upper[power] += slope;
            slopes.upper[power + 1] -= slope;
        }
    }
    return slopes;
}

// What is the same for all inputs of a layer. K is the degree, or -1 where it is known at run time only.
template <class T, int K>
struct Basis {
    int degree, order, base, extrapolation;
    SigmoidSlopes slopes;

    explicit Basis(const Shape& shape)
        : degree(K >= 0 ? K : shape.degree),
          order(shape.order),
          base(shape.base),
          extrapolation(shape.extrapolation),
          slopes(sigmoid_slopes(shape.order)) {}

    static constexpr int most = K >= 0 ? K + 1 : kMaxDegree + 3;
    int k() const { return K >= 0 ? K : degree; }

    // Values at n points, n a multiple of the lanes: slot 0 holds the base, slots 1 to k + 1 the basis
    // functions; slots are `stride` apart. `first` is the number of the first basis function.
    void evaluate(const Axis<T>& axis, const T* x, const T* factor, int n, T* values, int64_t stride,
                  int32_t* first) const {
        for (int at = 0; at < n; at += lanes<T>) {
            const Vec<T> point = load(x + at);
            Vec<T> local[most];
            IntVec<T> interval;
            spline(axis, point, local, interval);
            Vec<T> ground = base_value(point);
            if (factor) {
                const Vec<T> f = load(factor + at);
                ground *= f;
                for (int m = 0; m <= k(); ++m) local[m] *= f;
            }
            store(values + at, ground);
            for (int m = 0; m <= k(); ++m) store(values + (m + 1) * stride + at, local[m]);
            for (int lane = 0; lane < lanes<T>; ++lane) first[at + lane] = static_cast<int32_t>(interval[lane]);
        }
    }

  private:
    void spline(const Axis<T>& axis, Vec<T> point, Vec<T>* local, IntVec<T>& interval) const {
        Vec<T> inside = point < axis.low ? all<T>(axis.low) : point;
        inside = inside > axis.high ? all<T>(axis.high) : inside;
        if (extrapolation == kPeriodic) {
            const Vec<T> from = point - axis.low;
            const T period = axis.high - axis.low;
            inside = axis.low + (from - floor_of<T>(from / period) * period);
        }
        interval = find(axis, inside);
        polynomials(axis, inside, interval, order, local);
        if (extrapolation == kPeriodic) return;
        const IntVec<T> outside = inside != point && point == point;
        if (!any<T>(outside)) return;
        if (extrapolation == kLinear && order == 0) {
            Vec<T> slope[most];
            polynomials(axis, inside, interval, 1, slope);
            const Vec<T> beyond = point - inside;
            for (int m = 0; m <= k(); ++m) local[m] += beyond * slope[m];
        } else if (extrapolation == kDecay || order > (extrapolation == kLinear ? 1 : 0)) {
            for (int m = 0; m <= k(); ++m) local[m] = outside ? all<T>(0) : local[m];
        }
    }

    // The interval of each point; that of NaN is the first.
    IntVec<T> find(const Axis<T>& axis, Vec<T> inside) const {
        const T last = static_cast<T>(axis.intervals - 1);
        if (!axis.uniform) return search(axis, inside);
        Vec<T> place = (inside - axis.low) * axis.inverse_width;
        place = place > 0 ? place : all<T>(0);
        place = place < last ? place : all<T>(last);
        IntVec<T> interval = __builtin_convertvector(place, IntVec<T>);
        if (order >= k()) {  // where neighbouring pieces differ at the knot, rounding must not decide
            const IntVec<T> before = inside < gather<T>(axis.knots, interval);
            interval += before & (interval > 0);
            const IntVec<T> after = inside >= gather<T>(axis.knots + 1, interval);
            interval -= after & (interval < axis.intervals - 1);
        }
        return interval;
    }

    // How many knots after the first are passed; knots as high as the end open no interval.
    IntVec<T> search(const Axis<T>& axis, Vec<T> inside) const {
        IntVec<T> interval = {};
        if (axis.intervals <= 24) {
            for (int j = 1; j < axis.intervals; ++j)
                if (axis.knots[j] < axis.high) interval -= inside >= axis.knots[j];
            return interval;
        }
        for (int lane = 0; lane < lanes<T>; ++lane) {
            int low = 0, high = axis.intervals;  // knots[low] <= x < knots[high], but for the ends
            while (high - low > 1) {
                const int middle = (low + high) / 2;
                const bool passed = axis.knots[middle] < axis.high && inside[lane] >= axis.knots[middle];
                low = passed ? middle : low;
                high = passed ? high : middle;
            }
            interval[lane] = low;
        }
        return interval;
    }

    // de Boor and Cox on the functions that are not zero; the last `order` levels differentiate.
    void polynomials(const Axis<T>& axis, Vec<T> x, IntVec<T> interval, int r, Vec<T>* v) const {
        const Vec<T> nan = x == x ? all<T>(0) : x;
        if (r > k()) {
            for (int m = 0; m <= k(); ++m) v[m] = nan;
            return;
        }
        v[0] = 1 + nan;
        if (axis.uniform)
            uniform_levels(axis, x, interval, r, v);
        else
            general_levels(axis, x, interval, r, v);
    }

    void uniform_levels(const Axis<T>& axis, Vec<T> x, IntVec<T> interval, int r, Vec<T>* v) const {
        const Vec<T> start = axis.low + __builtin_convertvector(interval, Vec<T>) * axis.width;
        const Vec<T> u = (x - start) * axis.inverse_width;
        const int last = k();
#pragma GCC unroll 8
        for (int level = 1; level <= last; ++level) {
            Vec<T> saved = {};
            if (level <= last - r) {
                const T share = 1 / static_cast<T>(level);
#pragma GCC unroll 8
                for (int j = 0; j < level; ++j) {
                    const Vec<T> part = v[j] * share;
                    v[j] = saved + part * (static_cast<T>(j + 1) - u);
                    saved = part * (u + static_cast<T>(level - 1 - j));
                }
            } else {
                for (int j = 0; j < level; ++j) {
                    const Vec<T> part = v[j] * axis.inverse_width;
                    v[j] = saved - part;
                    saved = part;
                }
            }
            v[level] = saved;
        }
    }

    void general_levels(const Axis<T>& axis, Vec<T> x, IntVec<T> interval, int r, Vec<T>* v) const {
        Vec<T> near[2 * most];  // the 2k knots about the point
        const int last = k();
        for (int m = 0; m < 2 * last; ++m) near[m] = gather<T>(axis.knots + (1 - last + m), interval);
#pragma GCC unroll 8
        for (int level = 1; level <= last; ++level) {
            Vec<T> saved = {};
#pragma GCC unroll 8
            for (int j = 0; j < level; ++j) {
                const Vec<T> left = near[last - level + j], right = near[last + j];
                if (level <= last - r) {
                    const Vec<T> part = v[j] / (right - left);
                    v[j] = saved + part * (right - x);
                    saved = part * (x - left);
                } else {
                    const Vec<T> part = v[j] * static_cast<T>(level) / (right - left);
                    v[j] = saved - part;
                    saved = part;
                }
            }
            v[level] = saved;
        }
    }

    Vec<T> base_value(Vec<T> x) const {
        if (base == kZero || (base == kIdentity && order > 1)) return x * 0;
        if (base == kIdentity) return order == 0 ? x : 1 + x * 0;
        const Vec<T> s = 1 / (1 + exp_of<T>(-x));
        if (order == 0) return x * s;
        if (order == 1) return s + x * s * (1 - s);
        Vec<T> upper = {}, lower = {};
        for (int power = order + 1; power >= 0; --power) {
            upper = upper * s + static_cast<T>(slopes.upper[power]);
            lower = lower * s + static_cast<T>(slopes.lower[power]);
        }
        return x * upper + static_cast<T>(order) * lower;
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
