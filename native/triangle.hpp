// QR of a tall matrix that comes in tiles: an upper triangle R with R' R = A' A, to rounding of A itself. By Householder
// reflections of the triangle's diagonal and one tile, which stay in the caches.
// Source: Golub and Van Loan, Matrix Computations, sections 5.2 and 12.5.3 (appending rows).
#pragma once

#include <math.h>

#include "least_squares.hpp"
#include "simd.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// The triangle (columns, columns) in rows, and in one more column what the reflections make of a right-hand side.
struct Triangle {
    double* numbers;
    int64_t columns;

    // Rows are filled up to whole cache lines.
    static int64_t stride(int64_t columns) { return (columns + 8) / 8 * 8; }
    static int64_t size(int64_t columns) { return columns * stride(columns); }
    double* row(int64_t k) const { return numbers + k * stride(columns); }

    void clear() const { memset(numbers, 0, static_cast<size_t>(size(columns)) * sizeof(double)); }

    // Takes up the first `rows` rows of a tile (columns + 1, kTile), which is overwritten; the others are zero.
    void add(double* tile, int64_t rows) const { eliminate(tile, 0, rows, rows); }

    // The same of rows of which each begins with a zero more than the one before, the first with `first` of them.
    void add_stairs(double* tile, int64_t rows, int64_t first) const { eliminate(tile, first, 1, rows); }

    // From the upper half of a symmetric matrix in the same place: R' R is the matrix. Some rows at a time, so that the others
    // are read and written once for all of them; what is left below the diagonal has no meaning.
    void factorise() const {
        for (int64_t k = 0; k < columns; k += kPanel) {
            const int64_t end = k + kPanel < columns ? k + kPanel : columns;
            for (int64_t one = k; one < end; ++one) {
                for (int64_t other = k; other < one; ++other) subtract(row(other)[one], row(other) + one, row(one) + one, columns - one);
                const double root = sqrt(row(one)[one]);
                for (int64_t j = one; j < columns; ++j) row(one)[j] /= root;
            }
            int64_t i = end;
            for (; end - k == kPanel && i + 2 <= columns; i += 2) subtract_panel<2>(k, i);
            for (; i < columns; ++i)
                for (int64_t one = k; one < end; ++one) subtract(row(one)[i], row(one) + i, row(i) + i, columns - i);
        }
    }

    // R z = right, from the last row up; in place.
    void solve(double* z) const {
        for (int64_t k = columns - 1; k >= 0; --k)
            z[k] = (z[k] - dot_of_any(row(k) + k + 1, z + k + 1, columns - k - 1)) / row(k)[k];
    }

    // R' z = right, from the first row down; in place.
    void solve_transposed(double* z) const {
        for (int64_t k = 0; k < columns; ++k) {
            z[k] /= row(k)[k];
            subtract(z[k], row(k) + k + 1, z + k + 1, columns - k - 1);
        }
    }

    // |R z|^2
    double image_square(const double* z) const {
        double total = 0;
        for (int64_t k = 0; k < columns; ++k) {
            const double image = dot_of_any(row(k) + k, z + k, columns - k);
            total += image * image;
        }
        return total;
    }

    static double dot(const double* a, const double* b, int64_t rows) {
        Vec<double> total = {};
        for (int64_t n = 0; n < rows; n += lanes<double>) total += load(a + n) * load(b + n);
        return sum<double>(total);
    }

    // The same of any number of numbers.
    static double dot_of_any(const double* a, const double* b, int64_t count) {
        const int64_t whole = count / lanes<double> * lanes<double>;
        double total = dot(a, b, whole);
        for (int64_t n = whole; n < count; ++n) total += a[n] * b[n];
        return total;
    }

  private:
    static void subtract(double share, const double* from, double* to, int64_t count) {
        int64_t n = 0;
        for (; n + lanes<double> <= count; n += lanes<double>) store(to + n, load(to + n) - share * load(from + n));
        for (; n < count; ++n) to[n] -= share * from[n];
    }

    // What rows [k, k + kPanel) take off some rows from i on, in whole cache lines.
    template <int Rows>
    EDGEWISE_INLINE void subtract_panel(int64_t k, int64_t i) const {
        double share[Rows][kPanel];
        for (int to = 0; to < Rows; ++to)
            for (int one = 0; one < kPanel; ++one) share[to][one] = row(k + one)[i + to];
        const int64_t wide = stride(columns);
        const double* own = row(k);
        double* first = row(i);
        for (int64_t j = i / 8 * 8; j < wide; j += lanes<double>) {
            Vec<double> from[kPanel];
#pragma GCC unroll 8
            for (int one = 0; one < kPanel; ++one) from[one] = load(own + one * wide + j);
#pragma GCC unroll 8
            for (int to = 0; to < Rows; ++to) {
                Vec<double> left = load(first + to * wide + j);
#pragma GCC unroll 8
                for (int one = 0; one < kPanel; ++one) left -= share[to][one] * from[one];
                store(first + to * wide + j, left);
            }
        }
    }

    // What rounding leaves of a column that depends on others becomes smaller with each; squares must not underflow.
    static constexpr double kNothing = 1e-280;
    static constexpr int kPanel = 4;                                      // columns that become zero together
    static constexpr int kAtOnce = EDGEWISE_VECTOR_BYTES == 64 ? 4 : 2;  // columns that these change together

    // Reflections, each of one row of the triangle and the tile: I - tau u u', u = (lead, column of the tile).
    struct Panel {
        double lead[kPanel], tau[kPanel];
        double products[kPanel][kPanel];  // of their columns
    };

    // Makes columns from `first` on zero. There is something in the first `rows` rows of that column, in one more of each
    // next one, and in no more than `most`.
    void eliminate(double* tile, int64_t first, int64_t rows, int64_t most) const {
        for (int64_t k = first; k < columns; k += kPanel) {
            const int64_t wide = columns - k < kPanel ? columns - k : kPanel;
            const int64_t last = rows + (k - first) + wide - 1, all = last < most ? last : most;
            const int64_t filled = (all + lanes<double> - 1) / lanes<double> * lanes<double>;
            Panel panel;
            for (int64_t one = 0; one < wide; ++one) {
                make(panel, one, tile, k, filled);
                for (int64_t j = k + one + 1; j < k + wide; ++j) reflect_one(panel, one, tile, k, j, filled);
            }
            if (wide < kPanel) {
                for (int64_t one = 0; one < wide; ++one) reflect_one(panel, one, tile, k, columns, filled);
                continue;
            }
            for (int64_t one = 0; one < kPanel; ++one)
                for (int64_t other = 0; other < one; ++other)
                    panel.products[one][other] = dot(tile + (k + one) * kTile, tile + (k + other) * kTile, filled);
            int64_t j = k + kPanel;
            for (; j + kAtOnce <= columns + 1; j += kAtOnce) reflect<kAtOnce>(panel, tile, k, j, filled);
            for (; j <= columns; ++j) reflect<1>(panel, tile, k, j, filled);
        }
    }

    // The reflection that makes a column of the panel zero.
    void make(Panel& panel, int64_t one, const double* tile, int64_t k, int64_t rows) const {
        const double* column = tile + (k + one) * kTile;
        double& head = row(k + one)[k + one];
        const double below = dot(column, column, rows), norm = sqrt(head * head + below);
        panel.lead[one] = panel.tau[one] = 0;
        if (!(below > kNothing)) return;
        const double end = head > 0 ? -norm : norm;
        panel.lead[one] = head - end;
        panel.tau[one] = 1 / (norm * (norm + fabs(head)));
        head = end;
    }

    // One reflection of one column.
    void reflect_one(const Panel& panel, int64_t one, double* tile, int64_t k, int64_t j, int64_t rows) const {
        const double *own = tile + (k + one) * kTile, lead = panel.lead[one];
        double *at = tile + j * kTile, *to = row(k + one) + j;
        const double share = panel.tau[one] * (lead * *to + dot(own, at, rows));
        *to -= share * lead;
        for (int64_t n = 0; n < rows; n += lanes<double>) store(at + n, load(at + n) - share * load(own + n));
    }

    // All of the panel on some columns: one after the other, but for sums that are taken of the columns as they were.
    template <int Columns>
    EDGEWISE_INLINE void reflect(const Panel& panel, double* tile, int64_t k, int64_t j, int64_t rows) const {
        constexpr int count = kPanel * Columns, room = (count + lanes<double> - 1) / lanes<double> * lanes<double>;
        const double* own = tile + k * kTile;
        double* at = tile + j * kTile;
        Vec<double> along[room] = {};
        for (int64_t n = 0; n < rows; n += lanes<double>) {
            Vec<double> reflected[kPanel];
#pragma GCC unroll 8
            for (int one = 0; one < kPanel; ++one) reflected[one] = load(own + one * kTile + n);
#pragma GCC unroll 8
            for (int c = 0; c < Columns; ++c) {
                const Vec<double> here = load(at + c * kTile + n);
#pragma GCC unroll 8
                for (int one = 0; one < kPanel; ++one) along[c * kPanel + one] += reflected[one] * here;
            }
        }
        double share[room];
        for (int from = 0; from < room; from += lanes<double>) store(share + from, sums_of<double>(along + from));
        for (int one = 0; one < kPanel; ++one)
            for (int c = 0; c < Columns; ++c) {
                double *to = row(k + one) + j + c, &mine = share[c * kPanel + one];
                for (int other = 0; other < one; ++other) mine -= share[c * kPanel + other] * panel.products[one][other];
                mine = panel.tau[one] * (panel.lead[one] * *to + mine);
                *to -= mine * panel.lead[one];
            }
        for (int64_t n = 0; n < rows; n += lanes<double>) {
            Vec<double> reflected[kPanel];
#pragma GCC unroll 8
            for (int one = 0; one < kPanel; ++one) reflected[one] = load(own + one * kTile + n);
#pragma GCC unroll 8
            for (int c = 0; c < Columns; ++c) {
                Vec<double> here = load(at + c * kTile + n);
#pragma GCC unroll 8
                for (int one = 0; one < kPanel; ++one) here -= share[c * kPanel + one] * reflected[one];
                store(at + c * kTile + n, here);
            }
        }
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
