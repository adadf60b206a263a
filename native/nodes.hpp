// From a layer's sums to its nodes, sums and products with affine maps, and back. The twin in plain torch is
// src/edgewise/layers/nodes.py.
#pragma once

#include "layer_state.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

template <class T>
class Nodes {
  public:
    explicit Nodes(const LayerState<T>& layer)
        : l(layer),
          d(layer.data),
          subnode_scale(layer.affine),
          subnode_bias(subnode_scale + d.out),
          node_scale(subnode_bias + d.out),
          node_bias(node_scale + layer.node_count) {}

    // The nodes of samples [start, start + count).
    void forward(int64_t start, int64_t count) const {
        for (int64_t n = 0; n < d.sums; ++n) {
            const T shift = node_bias[n] + node_scale[n] * subnode_bias[n], scale = node_scale[n] * subnode_scale[n];
            const T* z = sum(n, start);
            T* h = node(n, start);
            for (int64_t b = 0; b < count; ++b) h[b] = shift + scale * z[b];
        }
        for (int64_t n = d.sums, member = n; n < l.node_count; member += d.arities[n - d.sums], ++n) {
            T* h = node(n, start);
            for (int64_t b = 0; b < count; ++b) h[b] = node_bias[n] + node_scale[n] * product(n, member, start + b);
        }
    }

    // From the gradient of a block's nodes, in columns, to that of its sums.
    void backward(const T* grad, int64_t start, int64_t count, const LayerGradients<T>& r) const {
        for (int64_t n = 0; n < d.sums; ++n) sum_backward(grad + n * l.stride, n, start, count, r);
        for (int64_t n = d.sums, member = n; n < l.node_count; member += d.arities[n - d.sums], ++n)
            for (int64_t b = 0; b < count; ++b) product_backward(grad[n * l.stride + b], n, member, start, b, r);
    }

    // Each parameter's share in a sample's outputs, from the gradient of its nodes: add(column, sample, number).
    template <class F>
    void shares(const T* grad, int64_t start, int64_t count, const LayerColumns& r, F add) const {
        if (r.node_scale < 0 && r.node_bias < 0 && r.subnode_scale < 0 && r.subnode_bias < 0) return;
        for (int64_t n = 0, member = 0; n < l.node_count; member += n < d.sums ? 1 : d.arities[n - d.sums], ++n)
            for (int64_t b = 0; b < count; ++b) {
                const int64_t end = member + (n < d.sums ? 1 : d.arities[n - d.sums]);
                const T g = grad[n * l.stride + b];
                if (r.node_bias >= 0) add(r.node_bias + n, b, g);
                if (r.node_scale >= 0) add(r.node_scale + n, b, g * others(-1, member, end, start + b));
                for (int64_t one = member; one < end; ++one) {
                    const T along = g * node_scale[n] * others(one, member, end, start + b);
                    if (r.subnode_bias >= 0) add(r.subnode_bias + one, b, along);
                    if (r.subnode_scale >= 0) add(r.subnode_scale + one, b, along * *sum(one, start + b));
                }
            }
    }

  private:
    // Product of the sub-nodes [first, end) but for one.
    T others(int64_t one, int64_t first, int64_t end, int64_t sample) const {
        T product = 1;
        for (int64_t other = first; other < end; ++other)
            if (other != one) product *= factor(other, sample);
        return product;
    }

    const T* sum(int64_t o, int64_t start) const { return l.sums + o * l.long_stride + start; }
    T* node(int64_t n, int64_t start) const { return l.nodes + n * l.long_stride + start; }
    T factor(int64_t o, int64_t sample) const { return subnode_bias[o] + subnode_scale[o] * *sum(o, sample); }

    // Of the sub-nodes of node n, which begin with `first`.
    T product(int64_t n, int64_t first, int64_t sample) const {
        T product = 1;
        for (int64_t one = first; one < first + d.arities[n - d.sums]; ++one) product *= factor(one, sample);
        return product;
    }

    void sum_backward(const T* grad, int64_t n, int64_t start, int64_t count, const LayerGradients<T>& r) const {
        const T scale = node_scale[n] * subnode_scale[n];
        T* to = l.sum_gradient + n * l.stride;
        for (int64_t b = 0; b < count; ++b) to[b] = scale * grad[b];
        if (!r.node_scale && !r.node_bias && !r.subnode_scale && !r.subnode_bias) return;
        const T* z = sum(n, start);
        T whole = 0, along = 0;
        for (int64_t b = 0; b < count; ++b) {
            whole += grad[b];
            along += grad[b] * z[b];
        }
        if (r.node_scale) r.node_scale[n] += subnode_bias[n] * whole + subnode_scale[n] * along;
        if (r.node_bias) r.node_bias[n] += whole;
        if (r.subnode_scale) r.subnode_scale[n] += node_scale[n] * along;
        if (r.subnode_bias) r.subnode_bias[n] += node_scale[n] * whole;
    }

    void product_backward(T grad, int64_t n, int64_t first, int64_t start, int64_t b, const LayerGradients<T>& r) const {
        const int64_t end = first + d.arities[n - d.sums];
        if (r.node_scale) r.node_scale[n] += grad * product(n, first, start + b);
        if (r.node_bias) r.node_bias[n] += grad;
        for (int64_t one = first; one < end; ++one) {
            T others = grad * node_scale[n];
            for (int64_t other = first; other < end; ++other)
                if (other != one) others *= factor(other, start + b);
            if (r.subnode_scale) r.subnode_scale[one] += others * *sum(one, start + b);
            if (r.subnode_bias) r.subnode_bias[one] += others;
            l.sum_gradient[one * l.stride + b] = others * subnode_scale[one];
        }
    }

    const LayerState<T>& l;
    const LayerData<T>& d;
    const T *subnode_scale, *subnode_bias, *node_scale, *node_bias;
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
