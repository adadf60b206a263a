// Covariances of an input's features, base and basis functions, over the samples, and what reaches the inputs from
// their gradient: what the sparsity penalty needs of a layer. Only the k + 2 features that are not zero at a sample are
// gone through. The twin in plain torch is `reference_covariance` of src/edgewise/edges/covariance.py.
#pragma once

#include "sums.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

template <class T, int K>
class FeatureCovariance {
  public:
    // mean: (in, 1 + size); result: (in, 1 + size, 1 + size).
    static bool run(const Shape& s, const T* x, const T* knots, T* mean, T* result) {
        const Tiling<T> tiling = tiling_of(s, cdiv(s.in, max(s.threads, 1)));
        const Basis<T, K> basis(s);
        const Axes<T> axes(s, knots);
        if (axes.failed(s.extrapolation == kDecay)) return false;
        const int64_t numbers = Totals::numbers(tiling.rows, s.degree), row_numbers = in_rows ? 8 * tiling.block : 0;
        bool ok = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : ok)
        {
            Scratch scratch(Values<T>::bytes(tiling, false) + Scratch::bytes<T>(tiling.stack * tiling.stride) +
                            Scratch::bytes<double>(tiling.stack * numbers) + Scratch::bytes<double>(row_numbers));
            ok = !scratch.failed();
            const Values<T> values(scratch, tiling, false);
            T* points = scratch.take<T>(tiling.stack * tiling.stride);
            double* totals = scratch.take<double>(tiling.stack * numbers);
            double* rows = scratch.take<double>(row_numbers);
#pragma omp for schedule(static)
            for (int64_t from = 0; from < s.in; from += tiling.stack) {
                if (!ok) continue;
                const int64_t inputs = min(tiling.stack, s.in - from);
                memset(totals, 0, static_cast<size_t>(inputs * numbers) * sizeof(double));
                for (int64_t start = 0; start < s.batch; start += tiling.block) {
                    const int64_t count = min(tiling.block, s.batch - start);
                    evaluate_stack<T, K>(s, tiling, basis, axes, x, nullptr, start, count, from, inputs, points, values);
                    for (int64_t i = 0; i < inputs; ++i) {
                        Totals to(totals + i * numbers, tiling.rows, s.degree);
                        const Samples<T> samples = samples_of(tiling, values, i, axes[from + i].intervals);
                        if (start == 0) *to.pivot = static_cast<double>(samples.values[0]);
                        add(s.degree, samples, count, rows, to);
                    }
                }
                const int64_t features = 1 + s.size;
                for (int64_t i = 0; i < inputs; ++i)
                    finish(s, tiling.pad, Totals(totals + i * numbers, tiling.rows, s.degree),
                           mean + (from + i) * features, result + (from + i) * features * features);
            }
        }
        return ok;
    }

    // result[b, i] = sum_ac slope_a(x[b, i]) (pull[i, a, c] value_c(x[b, i]) - shift[i, a])
    static bool gradient(const Shape& s, const T* x, const T* pull, const T* shift, const T* knots, T* result) {
        const Tiling<T> tiling = tiling_of(s, s.in);
        const Basis<T, K> basis(s);
        const Axes<T> axes(s, knots);
        if (axes.failed(s.extrapolation == kDecay)) return false;
        const int64_t blocks = cdiv(s.batch, tiling.block), features = 1 + s.size;
        bool ok = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : ok)
        {
            Scratch scratch(Values<T>::bytes(tiling, true) + Scratch::bytes<T>(tiling.stack * tiling.stride));
            ok = !scratch.failed();
            const Values<T> values(scratch, tiling, true);
            T* points = scratch.take<T>(tiling.stack * tiling.stride);
#pragma omp for schedule(static)
            for (int64_t block = 0; block < blocks; ++block) {
                if (!ok) continue;
                const int64_t start = block * tiling.block, count = min(tiling.block, s.batch - start);
                for (int64_t from = 0; from < s.in; from += tiling.stack) {
                    const int64_t inputs = min(tiling.stack, s.in - from);
                    evaluate_stack<T, K>(s, tiling, basis, axes, x, nullptr, start, count, from, inputs, points, values);
                    for (int64_t i = 0; i < inputs; ++i)
                        pull_back(s, tiling.pad, samples_of(tiling, values, i, axes[from + i].intervals),
                                  pull + (from + i) * features * features, shift + (from + i) * features,
                                  points + i * tiling.stride);
                    transpose(points, tiling.stride, inputs, count, result + start * s.in + from, s.in);
                }
            }
        }
        return ok;
    }

  private:
    static constexpr int64_t most = K >= 0 ? K + 1 : kMaxDegree + 1;

    static Tiling<T> tiling_of(const Shape& s, int64_t inputs) {
        Shape narrow = s;
        narrow.out = 1;
        Tiling<T> tiling(narrow, 1, kL1Block);
        tiling.stack = max(min(tiling.stack, inputs), 1);
        return tiling;
    }

    // Sums over the samples of one input, in double: of the features, of their products with the base, and of those
    // of each basis function with itself and the k next. The base counts from its first value, lest it cancel.
    struct Totals {
        double *pivot, *sum, *with_base, *band;
        int64_t rows;
        int degree;

        Totals(double* at, int64_t features, int k)
            : pivot(at), sum(at + 1), with_base(sum + features), band(with_base + features), rows(features), degree(k) {}

        static int64_t numbers(int64_t features, int k) { return 1 + features * (3 + k); }
    };

    // A sample's features as a row of doubles, of which one cache line is read at once: the base, the k + 1 basis
    // functions, 1. The sums of an interval are then those of products of rows with their own numbers.
    static constexpr bool in_rows = K >= 0 && K + 3 <= 8;
    typedef double Row __attribute__((vector_size(64)));

    static void add(int degree, const Samples<T>& samples, int64_t count, double* rows, const Totals& to) {
        if constexpr (in_rows) {
            write_rows(samples, count, *to.pivot, rows);
            add_rows(samples, rows, to);
        } else {
            add_numbers(degree, samples, to);
        }
    }

    static void write_rows(const Samples<T>& samples, int64_t count, double pivot, double* rows) {
        typedef T Part __attribute__((vector_size(lanes<double> * static_cast<int>(sizeof(T)))));
        constexpr int64_t stride = Tiling<T>::stride;
        for (int64_t b = 0; b < count; b += lanes<double>)
            for (int first = 0; first < 8; first += lanes<double>) {
                Vec<double> square[lanes<double>];
                for (int m = 0; m < lanes<double>; ++m) {
                    const int feature = first + m;
                    square[m] = broadcast<double>(feature == K + 2);
                    if (feature > K + 1) continue;
                    Part part;
                    memcpy(&part, samples.values + feature * stride + b, sizeof part);
                    square[m] = __builtin_convertvector(part, Vec<double>);
                    if (feature == 0) square[m] -= pivot;
                }
                transpose_block<double>(square);
                for (int n = 0; n < lanes<double>; ++n) store(rows + (b + n) * 8 + first, square[n]);
            }
    }

    static void add_rows(const Samples<T>& samples, const double* rows, const Totals& to) {
        for (int64_t j = 0; j < samples.intervals; ++j) {
            int32_t b = samples.head[j];
            if (b < 0) continue;
            Row sums[K + 2] = {};
            for (; b >= 0; b = samples.next[b]) {
                const double* own = rows + int64_t(b) * 8;
                Row row;
                memcpy(&row, own, sizeof row);
#pragma GCC unroll 8
                for (int m = 0; m < K + 2; ++m) sums[m] += own[m] * row;
            }
            to.sum[0] += sums[0][K + 2];
            to.with_base[0] += sums[0][0];
            for (int m = 0; m <= K; ++m) {
                to.sum[1 + j + m] += sums[1 + m][K + 2];
                to.with_base[1 + j + m] += sums[0][1 + m];
                for (int n = 0; n <= K - m; ++n) to.band[(1 + j + m) * (K + 1) + n] += sums[1 + m][1 + m + n];
            }
        }
    }

    static void add_numbers(int degree, const Samples<T>& samples, const Totals& to) {
        const int k = K >= 0 ? K : degree;
        constexpr int64_t stride = Tiling<T>::stride;
        const double pivot = *to.pivot;
        for (int64_t j = 0; j < samples.intervals; ++j) {
            int32_t b = samples.head[j];
            if (b < 0) continue;
            double base_sum = 0, base_square = 0, sum[most] = {}, with_base[most] = {}, products[most][most] = {};
            for (; b >= 0; b = samples.next[b]) {
                const double base = static_cast<double>(samples.values[b]) - pivot;
                double v[most];
                for (int m = 0; m <= k; ++m) v[m] = static_cast<double>(samples.values[(m + 1) * stride + b]);
                base_sum += base;
                base_square += base * base;
                for (int m = 0; m <= k; ++m) {
                    sum[m] += v[m];
                    with_base[m] += base * v[m];
                    for (int n = m; n <= k; ++n) products[m][n - m] += v[m] * v[n];
                }
            }
            to.sum[0] += base_sum;
            to.with_base[0] += base_square;
            for (int m = 0; m <= k; ++m) {
                to.sum[1 + j + m] += sum[m];
                to.with_base[1 + j + m] += with_base[m];
                for (int n = 0; n <= k - m; ++n) to.band[(1 + j + m) * (k + 1) + n] += products[m][n];
            }
        }
    }

    static void finish(const Shape& s, int64_t pad, const Totals& from, T* mean, T* result) {
        const int64_t features = 1 + s.size, k = s.degree;
        const double share = 1 / static_cast<double>(max(s.batch, 1));
        const auto row = [&](int64_t a) { return a ? a + pad : 0; };
        for (int64_t a = 0; a < features; ++a) {
            const double mean_a = from.sum[row(a)] * share;
            mean[a] = static_cast<T>(a ? mean_a : mean_a + *from.pivot);
            for (int64_t c = a; c < features; ++c) {
                double product = 0;
                if (a == 0) product = from.with_base[row(c)];
                else if (c - a <= k) product = from.band[row(a) * (k + 1) + (c - a)];
                const T value = static_cast<T>(product * share - mean_a * from.sum[row(c)] * share);
                result[a * features + c] = result[c * features + a] = value;
            }
        }
    }

    static void pull_back(const Shape& s, int64_t pad, const Samples<T>& samples, const T* pull, const T* shift, T* to) {
        const int k = K >= 0 ? K : s.degree;
        constexpr int64_t stride = Tiling<T>::stride;
        const int64_t features = 1 + s.size;
        for (int64_t j = 0; j < samples.intervals; ++j) {
            int32_t b = samples.head[j];
            if (b < 0) continue;
            T near[most + 1][most + 1] = {}, less[most + 1] = {};
            const auto feature = [&](int m) { return m ? j - pad + m : 0; };
            const auto known = [&](int m) { return m == 0 || (feature(m) >= 1 && feature(m) < features); };
            for (int m = 0; m <= k + 1; ++m) {
                if (!known(m)) continue;
                less[m] = shift[feature(m)];
                for (int n = 0; n <= k + 1; ++n)
                    if (known(n)) near[m][n] = pull[feature(m) * features + feature(n)];
            }
            for (; b >= 0; b = samples.next[b]) {
                T v[most + 1], total = 0;
                for (int m = 0; m <= k + 1; ++m) v[m] = samples.values[m * stride + b];
                for (int m = 0; m <= k + 1; ++m) {
                    T along = -less[m];
                    for (int n = 0; n <= k + 1; ++n) along += near[m][n] * v[n];
                    total += samples.slopes[m * stride + b] * along;
                }
                to[b] = total;
            }
        }
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
