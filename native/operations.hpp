// The operations of programs on a tile of samples: values, and what a slope of the whole becomes in the arguments. The
// twin in NumPy is src/edgewise/discovery/operations.py.
#pragma once

#include <math.h>

#include "least_squares.hpp"
#include "program.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

template <class F>
inline void on_tile(double* to, F f) {
    for (int64_t at = 0; at < kTile; ++at) to[at] = f(at);
}

inline double sign_of(double a) { return a > 0 ? 1.0 : a < 0 ? -1.0 : a; }

inline void operate(int32_t op, const double* a, const double* b, double* to) {
    switch (op) {
        case kAdd: return on_tile(to, [=](int64_t n) { return a[n] + b[n]; });
        case kMul: return on_tile(to, [=](int64_t n) { return a[n] * b[n]; });
        case kDiv: return on_tile(to, [=](int64_t n) { return a[n] / b[n]; });
        case kPow: return on_tile(to, [=](int64_t n) { return pow(a[n], b[n]); });
        case kSquare: return on_tile(to, [=](int64_t n) { return a[n] * a[n]; });
        case kCube: return on_tile(to, [=](int64_t n) { return a[n] * a[n] * a[n]; });
        case kSqrt: return on_tile(to, [=](int64_t n) { return sqrt(a[n]); });
        case kExp: return on_tile(to, [=](int64_t n) { return exp(a[n]); });
        case kExpm1: return on_tile(to, [=](int64_t n) { return expm1(a[n]); });
        case kLog: return on_tile(to, [=](int64_t n) { return log(a[n]); });
        case kSin: return on_tile(to, [=](int64_t n) { return sin(a[n]); });
        case kCos: return on_tile(to, [=](int64_t n) { return cos(a[n]); });
        case kTan: return on_tile(to, [=](int64_t n) { return tan(a[n]); });
        case kAsin: return on_tile(to, [=](int64_t n) { return asin(a[n]); });
        case kAcos: return on_tile(to, [=](int64_t n) { return acos(a[n]); });
        case kAtan: return on_tile(to, [=](int64_t n) { return atan(a[n]); });
        case kSinh: return on_tile(to, [=](int64_t n) { return sinh(a[n]); });
        case kCosh: return on_tile(to, [=](int64_t n) { return cosh(a[n]); });
        case kTanh: return on_tile(to, [=](int64_t n) { return tanh(a[n]); });
        case kAsinh: return on_tile(to, [=](int64_t n) { return asinh(a[n]); });
        case kAcosh: return on_tile(to, [=](int64_t n) { return acosh(a[n]); });
        case kAtanh: return on_tile(to, [=](int64_t n) { return atanh(a[n]); });
        case kAbs: return on_tile(to, [=](int64_t n) { return fabs(a[n]); });
        case kSign: return on_tile(to, [=](int64_t n) { return sign_of(a[n]); });
        case kMax: return on_tile(to, [=](int64_t n) { return a[n] >= b[n] || isnan(a[n]) ? a[n] : b[n]; });
        default: return on_tile(to, [=](int64_t n) { return a[n] <= b[n] || isnan(a[n]) ? a[n] : b[n]; });
    }
}

// A pull on a value, onto those on its arguments. Careful: a product with a factor of 0 is 0, whatever the other is.
template <bool Careful>
struct Pull {
    const double *a, *b, *value, *pull;
    double *to_a, *to_b;  // null where none is wanted

    void run(int32_t op) const {
        const double *a = this->a, *b = this->b, *v = value;
        switch (op) {
            case kAdd: return both([=](int64_t) { return 1.0; }, [=](int64_t) { return 1.0; });
            case kMul: return both([=](int64_t n) { return b[n]; }, [=](int64_t n) { return a[n]; });
            case kDiv: return both([=](int64_t n) { return 1 / b[n]; }, [=](int64_t n) { return -v[n] / b[n]; });
            case kPow:
                return both([=](int64_t n) { return a[n] == 0 ? b[n] * pow(a[n], b[n] - 1) : b[n] * v[n] / a[n]; },
                            [=](int64_t n) { return times(v[n], log(a[n])); });
            case kSquare: return one([=](int64_t n) { return 2 * a[n]; });
            case kCube: return one([=](int64_t n) { return 3 * a[n] * a[n]; });
            case kSqrt: return one([=](int64_t n) { return 0.5 / v[n]; });
            case kExp: return one([=](int64_t n) { return v[n]; });
            case kExpm1: return one([=](int64_t n) { return v[n] + 1; });
            case kLog: return one([=](int64_t n) { return 1 / a[n]; });
            case kSin: return one([=](int64_t n) { return cos(a[n]); });
            case kCos: return one([=](int64_t n) { return -sin(a[n]); });
            case kTan: return one([=](int64_t n) { return 1 + v[n] * v[n]; });
            case kAsin: return one([=](int64_t n) { return 1 / sqrt(1 - a[n] * a[n]); });
            case kAcos: return one([=](int64_t n) { return -1 / sqrt(1 - a[n] * a[n]); });
            case kAtan: return one([=](int64_t n) { return 1 / (1 + a[n] * a[n]); });
            case kSinh: return one([=](int64_t n) { return cosh(a[n]); });
            case kCosh: return one([=](int64_t n) { return sinh(a[n]); });
            case kTanh: return one([=](int64_t n) { return 1 - v[n] * v[n]; });
            case kAsinh: return one([=](int64_t n) { return 1 / sqrt(a[n] * a[n] + 1); });
            case kAcosh: return one([=](int64_t n) { return 1 / sqrt(a[n] * a[n] - 1); });
            case kAtanh: return one([=](int64_t n) { return 1 / (1 - a[n] * a[n]); });
            case kAbs: return one([=](int64_t n) { return sign_of(a[n]); });
            case kSign: return one([=](int64_t) { return 0.0; });
            case kMax:
                return both([=](int64_t n) { return a[n] >= b[n] ? 1.0 : 0.0; },
                            [=](int64_t n) { return a[n] < b[n] ? 1.0 : 0.0; });
            default:
                return both([=](int64_t n) { return a[n] <= b[n] ? 1.0 : 0.0; },
                            [=](int64_t n) { return a[n] > b[n] ? 1.0 : 0.0; });
        }
    }

  private:
    static double times(double p, double q) {
        const double product = p * q;
        return Careful && (p == 0 || q == 0) ? 0.0 : product;
    }

    template <class F>
    void add(double* to, F slope) const {
        const double* g = pull;
        if (to) on_tile(to, [=](int64_t n) { return to[n] + times(g[n], slope(n)); });
    }
    template <class F>
    void one(F slope) const {
        add(to_a, slope);
    }
    template <class F, class G>
    void both(F first, G second) const {
        add(to_a, first);
        add(to_b, second);
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
