// The edges of one layer of a small network by the basis functions that are not zero: k + 2 values for a sample and
// input, multiplied with whole rows of outputs. Its twin is `sums` of src/edgewise/edges/reference.py.
#pragma once

#include "layer_state.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// The arithmetic of such a layer on samples [start, start + count).
template <class T, int K>
class LocalPass : public LayerPass<T, K> {
  public:
    using LayerPass<T, K>::LayerPass;

    // Every edge's values onto the sums; with moments, their sums about a pivot too.
    void forward(bool moments) const {
        memset(l.lines, 0, static_cast<size_t>(count_ * l.width) * sizeof(T));
        for (int64_t i = 0; i < l.data.in; ++i)
            for (int64_t at = 0; at < l.width; at += 2 * lanes<T>)
                if (at + lanes<T> < l.width)
                    moments ? edges_forward<true, 2>(i, at) : edges_forward<false, 2>(i, at);
                else
                    moments ? edges_forward<true, 1>(i, at) : edges_forward<false, 1>(i, at);
        for (int64_t o = 0; o < l.data.out; ++o)
            for (int64_t b = 0; b < count_; ++b) l.sums[o * l.long_stride + start_ + b] = l.lines[b * l.width + o];
    }

    // From the gradient of the sums onto those of the packed weights, and that of the inputs into `result`
    // (in, stride) if there is one.
    void backward(bool moments, T* result) const {
        if (result) memset(result, 0, static_cast<size_t>(l.data.in * l.stride) * sizeof(T));
        for (int64_t b = 0; b < count_; ++b)
            for (int64_t o = 0; o < l.data.out; ++o) l.lines[b * l.width + o] = l.sum_gradient[o * l.stride + b];
        for (int64_t i = 0; i < l.data.in; ++i) {
            T* to = result ? result + i * l.stride : nullptr;
            for (int64_t at = 0; at < l.width; at += 2 * lanes<T>)
                at + lanes<T> < l.width ? one_backward<2>(moments, i, at, to) : one_backward<1>(moments, i, at, to);
        }
    }

  private:
    using LayerPass<T, K>::l;
    using LayerPass<T, K>::start_;
    using LayerPass<T, K>::count_;

    // Where things are, copied out of the layer's state: as far as a compiler knows, stores of numbers might alias it.
    struct Place {
        int64_t count, stride, width;
        int k;
        const T *weights, *values, *slopes;
        const int32_t* first;
    };

    Place place(int64_t i, int64_t at) const {
        return {count_,   l.stride,                      l.width, K >= 0 ? K : l.data.degree, l.weights + i * l.rows * l.width + at,
                this->value(i), l.slopes ? this->slope(i) : nullptr, l.first + i * l.stride};
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
    void edges_forward(int64_t i, int64_t at) const {
        const Place p = place(i, at);
        T* sums = l.lines + at;
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
    void one_backward(bool moments, int64_t i, int64_t at, T* result) const {
        if (moments)
            result ? edges_backward<true, true, NV>(i, at, result) : edges_backward<true, false, NV>(i, at, result);
        else
            result ? edges_backward<false, true, NV>(i, at, result) : edges_backward<false, false, NV>(i, at, result);
    }

    template <bool Moments, bool Inputs, int NV>
    void edges_backward(int64_t i, int64_t at, T* result) const {
        const Place p = place(i, at);
        const int last = K >= 0 ? K : p.k;
        const T* gradient = l.lines + at;
        T* totals = l.totals + i * l.rows * p.width + at;
        Vec<T> ground[NV], mean[NV], pull[NV];
        for (int v = 0; v < NV; ++v) {
            ground[v] = load(totals + v * lanes<T>);
            mean[v] = load(l.mean + i * p.width + at + v * lanes<T>);
            pull[v] = load(l.pull + i * p.width + at + v * lanes<T>);
        }
        for (int64_t from = 0; from < p.count; from += lanes<T>) {
            Vec<T> along[lanes<T>];
            const int64_t few = min(lanes<T>, p.count - from);
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
            for (int64_t at = few; at < lanes<T>; ++at) along[at] = broadcast<T>(0);
            store(result + from, load(result + from) + sums_of<T>(along));
        }
        for (int v = 0; v < NV; ++v) store(totals + v * lanes<T>, ground[v]);
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
