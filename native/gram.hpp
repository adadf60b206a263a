// J' J of a Jacobian in tiles: columns with columns, some of either at once so that what is loaded is used several times.
#pragma once

#include "least_squares.hpp"
#include "simd.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

class Gram {
  public:
    // `numbers` (columns, width) takes the upper half.
    Gram(const double* tiles, int64_t rows, int64_t columns, double* numbers, int64_t width)
        : tiles_(tiles), rows_(rows), columns_(columns), numbers_(numbers), width_(width) {}

    void run() const {
        int64_t i = 0;
        for (; i + kSide <= columns_; i += kSide) {
            int64_t j = i;
            for (; j + kSide <= columns_; j += kSide) block<kSide, kSide>(i, j);
            for (; j < columns_; ++j) block<kSide, 1>(i, j);
        }
        for (; i < columns_; ++i)
            for (int64_t j = i; j < columns_; ++j) block<1, 1>(i, j);
    }

  private:
    static constexpr int kSide = EDGEWISE_VECTOR_BYTES == 64 ? 4 : 2;

    template <int Rows, int Columns>
    void block(int64_t i, int64_t j) const {
        constexpr int count = Rows * Columns, room = (count + lanes<double> - 1) / lanes<double> * lanes<double>;
        Vec<double> total[room] = {};
        for (int64_t tile = 0; tile < tiles_of(rows_); ++tile) {
            const int64_t end = rows_ - tile * kTile < kTile ? rows_ - tile * kTile : kTile;
            const double *left = tiles_ + (tile * columns_ + i) * kTile, *right = tiles_ + (tile * columns_ + j) * kTile;
            for (int64_t n = 0; n < end; n += lanes<double>) {
                Vec<double> own[Rows];
#pragma GCC unroll 8
                for (int one = 0; one < Rows; ++one) own[one] = load(left + one * kTile + n);
#pragma GCC unroll 8
                for (int other = 0; other < Columns; ++other) {
                    const Vec<double> here = load(right + other * kTile + n);
#pragma GCC unroll 8
                    for (int one = 0; one < Rows; ++one) total[one * Columns + other] += own[one] * here;
                }
            }
        }
        double sums[room];
        for (int from = 0; from < room; from += lanes<double>) store(sums + from, sums_of<double>(total + from));
        for (int one = 0; one < Rows; ++one)
            for (int other = 0; other < Columns; ++other)
                if (j + other >= i + one) numbers_[(i + one) * width_ + j + other] = sums[one * Columns + other];
    }

    const double* tiles_;
    int64_t rows_, columns_;
    double* numbers_;
    int64_t width_;
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
