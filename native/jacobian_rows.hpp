// The Jacobian of a fused network's outputs in its parameters. Its twin in plain torch is
// src/edgewise/network/least_squares/jacobian.py.
#pragma once

#include "layer_state.hpp"
#include "least_squares.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// Rows of a Jacobian, those of one output at a block of samples, in tiles.
class JacobianRows {
  public:
    JacobianRows(double* tiles, int64_t columns, const double* factor, int64_t start, int64_t count, int64_t output,
                 int64_t outputs)
        : tiles_(tiles), columns_(columns), factor_(factor), start_(start), count_(count), output_(output), outputs_(outputs) {}

    // The derivative of sample b of the block in a column's parameter.
    template <class T>
    void set(int64_t column, int64_t b, T value) const {
        const int64_t row = (start_ + b) * outputs_ + output_;
        tiles_[(row / kTile * columns_ + column) * kTile + row % kTile] = factor_[row] * static_cast<double>(value);
    }

    // Of the edges' weights: the gradient of their sums times base and basis functions.
    template <class T>
    void set_edges(const LayerState<T>& l, const LayerColumns& place) const {
        const LayerData<T>& d = l.data;
        for (int64_t i = 0; i < d.in; ++i) {
            const T* value = l.values + i * l.slots * l.stride;
            const int32_t* first = l.first + i * l.stride;
            for (int64_t o = 0; o < d.out; ++o) {
                const T on = l.mask[i * d.out + o];
                const T* g = l.sum_gradient + o * l.stride;
                if (place.scale_base >= 0)
                    for (int64_t b = 0; b < count_; ++b) set(place.scale_base + i * d.out + o, b, on * g[b] * value[b]);
                for (int64_t m = 0; m <= d.degree && place.coef >= 0; ++m) {
                    const T* function = value + (m + 1) * l.stride;
                    for (int64_t b = 0; b < count_; ++b) {
                        const int64_t number = first[b] + m - l.pad;
                        if (number >= 0 && number < d.size)
                            set(place.coef + (i * d.size + number) * d.out + o, b, on * g[b] * function[b]);
                    }
                }
            }
        }
    }

  private:
    double* tiles_;
    int64_t columns_;
    const double* factor_;
    int64_t start_, count_, output_, outputs_;
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
