// The edges of one layer of a small network, forward and backward. All values of the basis functions are kept from
// one pass to the other, k + 2 for a sample and input, so it is meant for layers of few nodes.
#pragma once

#include "kernels.hpp"
#include "plan.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// One layer at work.
template <class T>
struct Level {
    LayerData<T> data;
    int64_t rows, pad, slots, vectors, width;  // width: numbers in a padded row of outputs
    Axes<T>* axes;
    T* columns;       // (in, stride): inputs, by column; of the first layer all samples'
    const T* points;  // the block's among them
    int64_t points_stride;
    T* values;        // (in, slots, stride)
    T* slopes;        // the same, of order 1; for layers whose inputs need a gradient
    int32_t* first;   // (in, stride)
    T* weights;       // (in, rows, width), masks and scales multiplied in
    T* scales;        // (in, width): scale of the spline, mask multiplied in
    T* sums;          // (batch, width)
    T* nodes;         // (batch, nodes): values of the nodes
    T* totals;        // (in, rows, width): gradients of the packed weights
    T* sum_gradient;  // (batch, width)
    T* node_gradient; // (batch, nodes)
    // What the penalty needs: moments of edges, (in, width) each, of inputs and of sums.
    T *mean, *variance, *pivot, *pull, *input_mean, *input_pull, *sum_mean, *sum_pull;
    T* input_variance;
    T* sum_variance;
    int64_t node_count;
};

// The arithmetic of one level on samples [start, start + count).
template <class T, int K>
class LevelPass {
  public:
    LevelPass(const Level<T>& level, int64_t stride, int64_t start, int64_t count)
        : l(level), stride_(stride), start_(start), count_(count) {}

    void evaluate(bool slopes) const {
        const Shape shape = {count_, l.data.in, l.data.out, l.data.size, l.data.degree, l.data.base, l.data.extrapolation, 0, 1};
        const Basis<T, K> basis(shape);
        const int padded = static_cast<int>(ratio_up(count_, lanes<T>) * lanes<T>);
        for (int64_t i = 0; i < l.data.in; ++i) {
            const T* x = l.points + i * l.points_stride;
            if (slopes)
                basis.evaluate_both((*l.axes)[i], x, padded, value(i), slope(i), stride_, l.first + i * stride_);
            else
                basis.evaluate((*l.axes)[i], x, nullptr, padded, value(i), stride_, l.first + i * stride_);
        }
    }

    // Every edge's values onto the sums; with moments, their sums about a pivot too.
    void forward(bool moments) const {
        memset(l.sums + start_ * l.width, 0, static_cast<size_t>(count_ * l.width) * sizeof(T));
        for (int64_t i = 0; i < l.data.in; ++i) {
            int64_t v = 0;
            for (; v + 2 <= l.vectors; v += 2) moments ? edges_forward<true, 2>(i, v) : edges_forward<false, 2>(i, v);
            for (; v < l.vectors; ++v) moments ? edges_forward<true, 1>(i, v) : edges_forward<false, 1>(i, v);
        }
    }

    // From the gradient of the sums onto those of the packed weights, and that of the inputs into `result`
    // (in, stride) if there is one.
    void backward(bool moments, T* result) const {
        if (result) memset(result, 0, static_cast<size_t>(l.data.in * stride_) * sizeof(T));
        for (int64_t i = 0; i < l.data.in; ++i) {
            T* to = result ? result + i * stride_ : nullptr;
            int64_t v = 0;
            for (; v + 2 <= l.vectors; v += 2) one_backward<2>(moments, i, v, to);
            for (; v < l.vectors; ++v) one_backward<1>(moments, i, v, to);
        }
    }

  private:
    T* value(int64_t i) const { return l.values + i * l.slots * stride_; }
    T* slope(int64_t i) const { return l.slopes + i * l.slots * stride_; }

    // Where things are, copied out of the level: stores of numbers might touch it, as far as a compiler knows.
    struct Place {
        int64_t count, stride, width;
        int k;
        const T *weights, *values, *slopes;
        const int32_t* first;
    };

    Place place(int64_t i, int64_t at) const {
        return {count_,   stride_,                      l.width, K >= 0 ? K : l.data.degree, l.weights + i * l.rows * l.width + at,
                value(i), l.slopes ? slope(i) : nullptr, l.first + i * stride_};
    }

    template <int NV>
    static void edges(const Place& p, const T* value, int64_t b, Vec<T>* phi) {
        const int last = K >= 0 ? K : p.k;
        const T* row = p.weights + (1 + p.first[b]) * p.width;
        for (int v = 0; v < NV; ++v) phi[v] = value[b] * load(p.weights + v * lanes<T>);
#pragma GCC unroll 8
        for (int m = 0; m <= last; ++m)
            for (int v = 0; v < NV; ++v) phi[v] += value[(m + 1) * p.stride + b] * load(row + m * p.width + v * lanes<T>);
    }

    template <bool Moments, int NV>
    void edges_forward(int64_t i, int64_t vector) const {
        const int64_t at = vector * lanes<T>;
        const Place p = place(i, at);
        T* sums = l.sums + start_ * l.width + at;
        Vec<T> one[NV] = {}, two[NV] = {}, pivot[NV] = {};
        T *pivots = l.pivot + i * l.width + at, *ones = l.mean + i * l.width + at, *twos = l.variance + i * l.width + at;
        if (Moments) {
            if (start_ == 0) {
                edges<NV>(p, p.values, 0, pivot);
                for (int v = 0; v < NV; ++v) {
                    store(pivots + v * lanes<T>, pivot[v]);
                    store(ones + v * lanes<T>, Vec<T>{});
                    store(twos + v * lanes<T>, Vec<T>{});
                }
            }
            for (int v = 0; v < NV; ++v) {
                pivot[v] = load(pivots + v * lanes<T>);
                one[v] = load(ones + v * lanes<T>);
                two[v] = load(twos + v * lanes<T>);
            }
        }
        for (int64_t b = 0; b < p.count; ++b) {
            Vec<T> phi[NV];
            edges<NV>(p, p.values, b, phi);
            for (int v = 0; v < NV; ++v) {
                T* sum = sums + b * p.width + v * lanes<T>;
                store(sum, load(sum) + phi[v]);
                if (Moments) {
                    const Vec<T> off = phi[v] - pivot[v];
                    one[v] += off;
                    two[v] += off * off;
                }
            }
        }
        for (int v = 0; v < NV && Moments; ++v) {
            store(ones + v * lanes<T>, one[v]);
            store(twos + v * lanes<T>, two[v]);
        }
    }

    template <int NV>
    void one_backward(bool moments, int64_t i, int64_t vector, T* result) const {
        if (moments)
            result ? edges_backward<true, true, NV>(i, vector, result) : edges_backward<true, false, NV>(i, vector, result);
        else
            result ? edges_backward<false, true, NV>(i, vector, result) : edges_backward<false, false, NV>(i, vector, result);
    }

    template <bool Moments, bool Inputs, int NV>
    void edges_backward(int64_t i, int64_t vector, T* result) const {
        const int64_t at = vector * lanes<T>;
        const Place p = place(i, at);
        const int last = K >= 0 ? K : p.k;
        const T* gradient = l.sum_gradient + at;
        T* totals = l.totals + i * l.rows * p.width + at;
        Vec<T> ground[NV], mean[NV], pull[NV];
        for (int v = 0; v < NV; ++v) {
            ground[v] = load(totals + v * lanes<T>);
            mean[v] = load(l.mean + i * p.width + at + v * lanes<T>);
            pull[v] = load(l.pull + i * p.width + at + v * lanes<T>);
        }
        for (int64_t from = 0; from < p.count; from += lanes<T>) {
            Vec<T> along[lanes<T>];
            const int64_t few = smaller(lanes<T>, p.count - from);
            for (int64_t at = 0; at < few; ++at) {
                const int64_t b = from + at;
                Vec<T> g[NV], phi[NV];
                for (int v = 0; v < NV; ++v) g[v] = load(gradient + b * p.width + v * lanes<T>);
                if (Moments) {
                    edges<NV>(p, p.values, b, phi);
                    for (int v = 0; v < NV; ++v) g[v] += pull[v] * (phi[v] - mean[v]);
                }
                for (int v = 0; v < NV; ++v) ground[v] += p.values[b] * g[v];
                T* total = totals + (1 + p.first[b]) * p.width;
#pragma GCC unroll 8
                for (int m = 0; m <= last; ++m)
                    for (int v = 0; v < NV; ++v) {
                        T* to = total + m * p.width + v * lanes<T>;
                        store(to, load(to) + p.values[(m + 1) * p.stride + b] * g[v]);
                    }
                if (!Inputs) continue;
                edges<NV>(p, p.slopes, b, phi);
                along[at] = g[0] * phi[0];
                for (int v = 1; v < NV; ++v) along[at] += g[v] * phi[v];
            }
            if (!Inputs) continue;
            for (int64_t at = few; at < lanes<T>; ++at) along[at] = all<T>(0);
            store(result + from, load(result + from) + sums_of<T>(along));
        }
        for (int v = 0; v < NV; ++v) store(totals + v * lanes<T>, ground[v]);
    }

    const Level<T>& l;
    int64_t stride_, start_, count_;
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
