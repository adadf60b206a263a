// The inverse Hessian of L-BFGS in the arrays of optim/lbfgs_history.py, which says what is where and by which equations.
#pragma once

#include <math.h>
#include <stdint.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace edgewise {

// Where those arrays are.
template <class T>
struct HistoryArrays {
    int64_t history, added;
    T* vectors;
    double *inverse, *curvature, *overlap;
};

template <class T>
double dot(const T* a, const T* b, int64_t n) {
    constexpr int lanes = 8;
    double part[lanes] = {};
    int64_t at = 0;
    for (; at + lanes <= n; at += lanes)
        for (int lane = 0; lane < lanes; ++lane)
            part[lane] += static_cast<double>(a[at + lane]) * static_cast<double>(b[at + lane]);
    for (; at < n; ++at) part[0] += static_cast<double>(a[at]) * static_cast<double>(b[at]);
    return ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
}

// All sums are double, whatever the type of the vectors.
template <class T>
class LbfgsHistory {
  public:
    LbfgsHistory(const HistoryArrays<T>& pairs, int64_t size)
        : p(pairs), n(size), m(pairs.history), products_(static_cast<size_t>(2 * m)), u_(static_cast<size_t>(m)) {}

    int64_t added() const { return p.added; }

    void clear() {
        std::fill_n(p.vectors, 2 * m * n, T(0));
        std::fill_n(p.inverse, m * m, 0.0);
        std::fill_n(p.curvature, m, 0.0);
        std::fill_n(p.overlap, m * m, 0.0);
        p.added = 0;
    }

    void add(const T* s, const T* y) {
        const double sy = dot(s, y, n), yy = dot(y, y, n);
        const double least = static_cast<double>(std::numeric_limits<T>::epsilon()) * sqrt(dot(s, s, n)) * sqrt(yy);
        if (!(sy > least && yy > 0)) return;
        const int64_t slot = p.added % m;
        std::copy_n(s, n, p.vectors + slot * n);
        std::copy_n(y, n, p.vectors + (m + slot) * n);
        multiply(y);
        const double* products = products_.data();
        std::fill_n(p.inverse + slot * m, m, 0.0);
        for (int64_t i = 0; i < m; ++i) u_[static_cast<size_t>(i)] = dot(p.inverse + i * m, products, m) / -sy;
        for (int64_t i = 0; i < m; ++i) {
            p.inverse[i * m + slot] = i == slot ? 1 / sy : u_[static_cast<size_t>(i)];
            p.overlap[slot * m + i] = p.overlap[i * m + slot] = i == slot ? yy : products[m + i];
        }
        p.curvature[slot] = sy;
        ++p.added;
    }

    // -H g
    void direction(const T* gradient, T* result) {
        const int64_t last = p.added ? (p.added - 1) % m : 0;
        const double gamma = p.added ? p.curvature[last] / p.overlap[last * m + last] : 1.0;
        for (int64_t at = 0; at < n; ++at) result[at] = static_cast<T>(-gamma * static_cast<double>(gradient[at]));
        if (!p.added) return;
        multiply(gradient);
        double *products = products_.data(), *u = u_.data();
        for (int64_t i = 0; i < m; ++i) u[i] = dot(p.inverse + i * m, products, m);
        for (int64_t i = 0; i < m; ++i)
            products[i] = p.curvature[i] * u[i] + gamma * (dot(p.overlap + i * m, u, m) - products[m + i]);
        for (int64_t j = 0; j < m; ++j) {
            double share = 0;
            for (int64_t i = 0; i < m; ++i) share += products[i] * p.inverse[i * m + j];
            const T by_s = static_cast<T>(-share), by_y = static_cast<T>(gamma * u[j]);
            const T *s = p.vectors + j * n, *y = p.vectors + (m + j) * n;
            for (int64_t at = 0; at < n; ++at) result[at] += by_s * s[at] + by_y * y[at];
        }
    }

  private:
    void multiply(const T* vector) {
        for (int64_t row = 0; row < 2 * m; ++row)
            products_[static_cast<size_t>(row)] = dot(p.vectors + row * n, vector, n);
    }

    HistoryArrays<T> p;
    int64_t n, m;
    std::vector<double> products_, u_;
};

}  // namespace edgewise
