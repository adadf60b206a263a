// The k + 1 basis functions that are not zero, and the base, for one input and many samples at once. The twins in
// plain torch are src/edgewise/spline/evaluate.py and src/edgewise/edges/bases.py.
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
    const T* every = knots - degree;
    IntOf<T> astray = 0;
    for (IntOf<T> j = 0; j <= intervals + 2 * degree; ++j)
        astray |= !(magnitude(every[j] - (axis.low + axis.width * static_cast<T>(j - degree))) <= slack);
    axis.uniform = axis.uniform && !astray;
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

    static constexpr int max_count = K >= 0 ? K + 1 : kMaxDegree + 3;
    int k() const { return K >= 0 ? K : degree; }

    // Values at n points, n a multiple of the lanes: slot 0 holds the base, slots 1 to k + 1 the basis
    // functions; slots are `stride` apart. `first` is the number of the first basis function.
    void evaluate(const Axis<T>& axis, const T* x, const T* factor, int n, T* values, int64_t stride,
                  int32_t* first) const {
        const Kind own = {order, base, extrapolation, axis.uniform};
        if (is_usual(axis) && order == 0)
            evaluate_as({0, kSilu, kLinear, true}, axis, x, factor, n, values, stride, first);
        else if (is_usual(axis) && order == 1)
            evaluate_as({1, kSilu, kLinear, true}, axis, x, factor, n, values, stride, first);
        else
            evaluate_as(own, axis, x, factor, n, values, stride, first);
    }

    // Values of order 0 and slopes, of order 1, at once.
    void evaluate_both(const Axis<T>& axis, const T* x, int n, T* values, T* slopes, int64_t stride,
                       int32_t* first) const {
        const Kind own = {0, base, extrapolation, axis.uniform};
        if (is_usual(axis))
            evaluate_both_as({0, kSilu, kLinear, true}, axis, x, n, values, slopes, stride, first);
        else
            evaluate_both_as(own, axis, x, n, values, slopes, stride, first);
    }

  private:
    // What decides the way through the functions below. They are inlined, so that where a kind is known to
    // the compiler the loop over samples holds no decision.
    struct Kind {
        int order, base, extrapolation;
        bool uniform;
    };

    bool is_usual(const Axis<T>& axis) const {
        return axis.uniform && base == kSilu && extrapolation == kLinear;
    }

    EDGEWISE_INLINE void evaluate_as(Kind kind, const Axis<T>& axis, const T* x, const T* factor, int n, T* values,
                                     int64_t stride, int32_t* first) const {
        for (int at = 0; at < n; at += lanes<T>) {
            const Vec<T> point = load(x + at);
            Vec<T> local[max_count];
            IntVec<T> interval;
            spline(kind, axis, point, local, interval);
            Vec<T> base_part = base_value(kind, point);
            if (factor) {
                const Vec<T> f = load(factor + at);
                base_part *= f;
                for (int m = 0; m <= k(); ++m) local[m] *= f;
            }
            store(values + at, base_part);
            for (int m = 0; m <= k(); ++m) store(values + (m + 1) * stride + at, local[m]);
            store_short<T>(first + at, interval);
        }
    }

    EDGEWISE_INLINE void evaluate_both_as(Kind kind, const Axis<T>& axis, const T* x, int n, T* values, T* slopes,
                                          int64_t stride, int32_t* first) const {
        for (int at = 0; at < n; at += lanes<T>) {
            const Vec<T> point = load(x + at);
            Vec<T> local[max_count], slope[max_count];
            IntVec<T> interval;
            spline_both(kind, axis, point, local, slope, interval);
            Vec<T> base_part, base_slope;
            base_both(kind, point, base_part, base_slope);
            store(values + at, base_part);
            store(slopes + at, base_slope);
            for (int m = 0; m <= k(); ++m) store(values + (m + 1) * stride + at, local[m]);
            for (int m = 0; m <= k(); ++m) store(slopes + (m + 1) * stride + at, slope[m]);
            store_short<T>(first + at, interval);
        }
    }

    EDGEWISE_INLINE Vec<T> bring_inside(Kind kind, const Axis<T>& axis, Vec<T> point) const {
        if (kind.extrapolation == kPeriodic) {
            const Vec<T> from = point - axis.low;
            const T period = axis.high - axis.low;
            return axis.low + (from - floor_of<T>(from / period) * period);
        }
        const Vec<T> inside = point < axis.low ? broadcast<T>(axis.low) : point;
        return inside > axis.high ? broadcast<T>(axis.high) : inside;
    }

    EDGEWISE_INLINE void spline_both(Kind kind, const Axis<T>& axis, Vec<T> point, Vec<T>* local, Vec<T>* slope, IntVec<T>& interval) const {
        const Vec<T> inside = bring_inside(kind, axis, point);
        interval = find(kind, axis, inside);
        if (k() == 0) {
            polynomials(kind, axis, inside, interval, 0, local);
            polynomials(kind, axis, inside, interval, 1, slope);
        } else {
            local[0] = 1 + (inside == inside ? broadcast<T>(0) : inside);
            Near near;
            look(kind, axis, inside, interval, near);
            if (kind.uniform)
                both_levels<true>(near, local, slope);
            else
                both_levels<false>(near, local, slope);
        }
        if (kind.extrapolation == kPeriodic) return;
        const IntVec<T> outside = inside != point && point == point;
        if (!any<T>(outside)) return;
        const Vec<T> beyond = point - inside, none = {};
        for (int m = 0; m <= k(); ++m) {
            if (kind.extrapolation == kLinear) local[m] += beyond * slope[m];
            if (kind.extrapolation == kDecay) local[m] = outside ? none : local[m];
            if (kind.extrapolation != kLinear) slope[m] = outside ? none : slope[m];
        }
    }

    EDGEWISE_INLINE void spline(Kind kind, const Axis<T>& axis, Vec<T> point, Vec<T>* local, IntVec<T>& interval) const {
        const Vec<T> inside = bring_inside(kind, axis, point);
        interval = find(kind, axis, inside);
        polynomials(kind, axis, inside, interval, kind.order, local);
        if (kind.extrapolation == kPeriodic) return;
        const IntVec<T> outside = inside != point && point == point;
        if (!any<T>(outside)) return;
        if (kind.extrapolation == kLinear && kind.order == 0) {
            Vec<T> slope[max_count];
            polynomials(kind, axis, inside, interval, 1, slope);
            const Vec<T> beyond = point - inside;
            for (int m = 0; m <= k(); ++m) local[m] += beyond * slope[m];
        } else if (kind.extrapolation == kDecay || kind.order > (kind.extrapolation == kLinear ? 1 : 0)) {
            for (int m = 0; m <= k(); ++m) local[m] = outside ? broadcast<T>(0) : local[m];
        }
    }

    // The interval of each point; that of NaN is the first.
    EDGEWISE_INLINE IntVec<T> find(Kind kind, const Axis<T>& axis, Vec<T> inside) const {
        const T last = static_cast<T>(axis.intervals - 1);
        if (!kind.uniform) return search(axis, inside);
        Vec<T> place = (inside - axis.low) * axis.inverse_width;
        place = place > 0 ? place : broadcast<T>(0);
        place = place < last ? place : broadcast<T>(last);
        IntVec<T> interval = __builtin_convertvector(place, IntVec<T>);
        if (kind.order >= k()) {  // where neighbouring pieces differ at the knot, rounding must not decide
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
    EDGEWISE_INLINE void polynomials(Kind kind, const Axis<T>& axis, Vec<T> x, IntVec<T> interval, int r, Vec<T>* v) const {
        const Vec<T> nan = x == x ? broadcast<T>(0) : x;
        if (r > k()) {
            for (int m = 0; m <= k(); ++m) v[m] = nan;
            return;
        }
        v[0] = 1 + nan;
        Near near;
        look(kind, axis, x, interval, near);
        if (kind.uniform)
            levels<true>(near, r, v);
        else
            levels<false>(near, r, v);
    }

    // What the levels need to know of the points.
    struct Near {
        Vec<T> u;                // place in the interval, where knots are uniform
        Vec<T> x, knot[2 * max_count];  // else the point and the 2k knots about it
        T inverse_width;
    };

    EDGEWISE_INLINE void look(Kind kind, const Axis<T>& axis, Vec<T> x, IntVec<T> interval, Near& near) const {
        if (kind.uniform) {
            const Vec<T> start = axis.low + __builtin_convertvector(interval, Vec<T>) * axis.width;
            near.u = (x - start) * axis.inverse_width;
            near.inverse_width = axis.inverse_width;
            return;
        }
        near.x = x;
        for (int m = 0; m < 2 * k(); ++m) near.knot[m] = gather<T>(axis.knots + (1 - k() + m), interval);
    }

    // From the functions of degree level - 1 to those of degree level.
    template <bool Uniform>
    EDGEWISE_INLINE void raise(int level, const Near& near, Vec<T>* v) const {
        Vec<T> saved = {};
        const T share = 1 / static_cast<T>(level);
#pragma GCC unroll 8
        for (int j = 0; j < level; ++j) {
            if (Uniform) {
                const Vec<T> part = v[j] * share;
                v[j] = saved + part * (static_cast<T>(j + 1) - near.u);
                saved = part * (near.u + static_cast<T>(level - 1 - j));
            } else {
                const Vec<T> left = near.knot[k() - level + j], right = near.knot[k() + j];
                const Vec<T> part = v[j] / (right - left);
                v[j] = saved + part * (right - near.x);
                saved = part * (near.x - left);
            }
        }
        v[level] = saved;
    }

    // From the functions of degree level - 1 to the derivatives of those of degree level.
    template <bool Uniform>
    EDGEWISE_INLINE void differentiate(int level, const Near& near, Vec<T>* v) const {
        Vec<T> saved = {};
#pragma GCC unroll 8
        for (int j = 0; j < level; ++j) {
            const Vec<T> part = Uniform ? v[j] * near.inverse_width
                                        : v[j] * static_cast<T>(level) / (near.knot[k() + j] - near.knot[k() - level + j]);
            v[j] = saved - part;
            saved = part;
        }
        v[level] = saved;
    }

    template <bool Uniform>
    EDGEWISE_INLINE void levels(const Near& near, int r, Vec<T>* v) const {
        if (Uniform && K == 3 && r == 0) return cubic(near.u, v);
        const int last = k();
#pragma GCC unroll 8
        for (int level = 1; level <= last; ++level)
            if (level <= last - r)
                raise<Uniform>(level, near, v);
            else
                differentiate<Uniform>(level, near, v);
    }

    // What the levels come to where steps are equal and the degree is 3.
    static EDGEWISE_INLINE void cubic(Vec<T> u, Vec<T>* v) {
        constexpr T sixth = static_cast<T>(1) / 6;
        const Vec<T> w = 1 - u, uu = u * u, ww = w * w;
        v[0] = ww * w * sixth;
        v[1] = (uu * (u * static_cast<T>(0.5) - 1)) + static_cast<T>(2) / 3;
        v[2] = (ww * (w * static_cast<T>(0.5) - 1)) + static_cast<T>(2) / 3;
        v[3] = uu * u * sixth;
    }

    // Values and slopes, which share all levels but the last.
    template <bool Uniform>
    EDGEWISE_INLINE void both_levels(const Near& near, Vec<T>* v, Vec<T>* slope) const {
        const int last = k();
#pragma GCC unroll 8
        for (int level = 1; level < last; ++level) raise<Uniform>(level, near, v);
        for (int m = 0; m < last; ++m) slope[m] = v[m];
        if (Uniform && K == 3)
            cubic(near.u, v);  // to the bit what is evaluated without slopes
        else
            raise<Uniform>(last, near, v);
        differentiate<Uniform>(last, near, slope);
    }

    EDGEWISE_INLINE void base_both(Kind kind, Vec<T> x, Vec<T>& value, Vec<T>& slope) const {
        if (kind.base != kSilu) {
            value = kind.base == kIdentity ? x : x * 0;
            slope = kind.base == kIdentity ? 1 + x * 0 : x * 0;
            return;
        }
        const Vec<T> s = 1 / (1 + exp_of<T>(-x));
        value = x * s;
        slope = s + value * (1 - s);
    }

    EDGEWISE_INLINE Vec<T> base_value(Kind kind, Vec<T> x) const {
        if (kind.base == kZero || (kind.base == kIdentity && kind.order > 1)) return x * 0;
        if (kind.base == kIdentity) return kind.order == 0 ? x : 1 + x * 0;
        const Vec<T> s = 1 / (1 + exp_of<T>(-x));
        if (kind.order == 0) return x * s;
        if (kind.order == 1) return s + x * s * (1 - s);
        Vec<T> upper = {}, lower = {};
        for (int power = kind.order + 1; power >= 0; --power) {
            upper = upper * s + static_cast<T>(slopes.upper[power]);
            lower = lower * s + static_cast<T>(slopes.lower[power]);
        }
        return x * upper + static_cast<T>(kind.order) * lower;
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
