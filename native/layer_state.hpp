// State of one layer of a fused network: its data, and its memory.
#pragma once

#include "kernels.hpp"
#include "tiling.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// Numbers by sample stand in columns, one for each input, output or node: `stride` apart for those of a block of
// samples, `long_stride` apart for those of all. Every column is filled up to whole vectors.
template <class T>
struct LayerState {
    LayerData<T> data;
    int64_t rows, pad, slots, width;  // width: numbers in a row of weights
    int64_t stride, long_stride;
    bool dense;  // whether DensePass does the work, or LocalPass
    Axes<T>* axes;
    Axes<T>* place;   // memory for it
    const T* points;  // (in, points_stride): the block's inputs
    int64_t points_stride;
    T* values;        // (in, slots, stride): base and basis functions that are not zero
    T* slopes;        // the same, of order 1; for layers whose inputs need a gradient
    int32_t* first;   // (in, stride): number of the first of them
    T *all_values, *all_slopes;  // (rows, part): all of one input's; of DensePass, as what follows
    int64_t part;
    T* edge_gradient; // (few, stride)
    T* knots;
    T *coef, *mask;   // as they were at the last pass forward
    T* affine;        // scale and bias of the sub-nodes, then of the nodes
    T* weights;       // (in, rows, width), masks and scales multiplied in
    T* scales;        // (in, width): the mask
    T* totals;        // (in, rows, width): gradients of the packed weights
    T* lines;         // (block, width): sums of a block, or their gradients, by sample; of LocalPass
    T* sums;          // (out, long_stride)
    T* nodes;         // (nodes, long_stride): values of the nodes
    T* sum_gradient;  // (out, stride)
    T* node_gradient; // (nodes, stride)
    // What the penalty needs: moments of edges, (in, width) each, of inputs and of sums.
    T *mean, *variance, *pivot, *pull, *input_mean, *input_pull, *sum_mean, *sum_pull;
    T* input_variance;
    T* sum_variance;
    int64_t node_count;
};

// Whether a layer's basis functions are so few that sums over all of them cost less than finding the right ones:
// these are read for one sample at a time, in whole vectors of outputs. Measured on [2,5,1] to [20,40,20], grids 5 to 40.
template <class T>
inline bool is_dense(int64_t rows, int64_t out) {
    return rows <= 64 && rows * out <= lanes<T> * (3 + 7 * cdiv(out, lanes<T>));
}

// A layer's basis values on samples [start, start + count).
template <class T, int K>
class LayerPass {
  public:
    LayerPass(const LayerState<T>& layer, int64_t start, int64_t count) : l(layer), start_(start), count_(count) {}

    void evaluate(bool slopes) const {
        const Shape shape = {count_, l.data.in, l.data.out, l.data.size, l.data.degree, l.data.base, l.data.extrapolation, 0, 1};
        const Basis<T, K> basis(shape);
        const int padded = static_cast<int>(cdiv(count_, lanes<T>) * lanes<T>);
        for (int64_t i = 0; i < l.data.in; ++i) {
            const T* x = l.points + i * l.points_stride;
            if (slopes)
                basis.evaluate_both((*l.axes)[i], x, padded, value(i), slope(i), l.stride, l.first + i * l.stride);
            else
                basis.evaluate((*l.axes)[i], x, nullptr, padded, value(i), l.stride, l.first + i * l.stride);
        }
    }

  protected:
    T* value(int64_t i) const { return l.values + i * l.slots * l.stride; }
    T* slope(int64_t i) const { return l.slopes + i * l.slots * l.stride; }

    const LayerState<T>& l;
    int64_t start_, count_;
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
