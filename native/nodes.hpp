// From a layer's sums to its nodes, sums and products with affine maps, and back.
#pragma once

#include "level.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

template <class T>
class Nodes {
  public:
    explicit Nodes(const Level<T>& level) : l(level), d(level.data) {}

    // The nodes of samples [start, start + count).
    void forward(int64_t start, int64_t count) const {
        const int64_t width = l.width, nodes = l.node_count;
        const T* z = l.sums + start * width;
        T* h = l.nodes + start * nodes;
        for (int64_t n = 0; n < d.sums; ++n) {
            const T shift = d.node_bias[n] + d.node_scale[n] * d.subnode_bias[n], scale = d.node_scale[n] * d.subnode_scale[n];
            for (int64_t b = 0; b < count; ++b) h[b * nodes + n] = shift + scale * z[b * width + n];
        }
        for (int64_t n = d.sums, member = n; n < nodes; member += d.arities[n - d.sums], ++n)
            for (int64_t b = 0; b < count; ++b) {
                T product = 1;
                for (int64_t one = member; one < member + d.arities[n - d.sums]; ++one)
                    product *= d.subnode_bias[one] + d.subnode_scale[one] * z[b * width + one];
                h[b * nodes + n] = d.node_bias[n] + d.node_scale[n] * product;
            }
    }

    // From the gradient of a block's nodes to that of its sums.
    void backward(const T* grad, int64_t start, int64_t count, const LayerGradients<T>& r) const {
        const T* z = l.sums + start * l.width;
        for (int64_t n = 0; n < d.sums; ++n) sum_backward(grad + n, z + n, n, count, r);
        for (int64_t n = d.sums, member = n; n < l.node_count; member += d.arities[n - d.sums], ++n)
            for (int64_t b = 0; b < count; ++b)
                product_backward(grad[b * l.node_count + n], z + b * l.width, l.sum_gradient + b * l.width, n, member, r);
    }

  private:
    void sum_backward(const T* grad, const T* z, int64_t n, int64_t count, const LayerGradients<T>& r) const {
        const int64_t width = l.width, nodes = l.node_count;
        const T scale = d.node_scale[n] * d.subnode_scale[n];
        T* to = l.sum_gradient + n;
        for (int64_t b = 0; b < count; ++b) to[b * width] = scale * grad[b * nodes];
        if (!r.node_scale && !r.node_bias && !r.subnode_scale && !r.subnode_bias) return;
        T whole = 0, along = 0;
        for (int64_t b = 0; b < count; ++b) {
            whole += grad[b * nodes];
            along += grad[b * nodes] * z[b * width];
        }
        if (r.node_scale) r.node_scale[n] += d.subnode_bias[n] * whole + d.subnode_scale[n] * along;
        if (r.node_bias) r.node_bias[n] += whole;
        if (r.subnode_scale) r.subnode_scale[n] += d.node_scale[n] * along;
        if (r.subnode_bias) r.subnode_bias[n] += d.node_scale[n] * whole;
    }

    void product_backward(T grad, const T* z, T* to, int64_t n, int64_t first, const LayerGradients<T>& r) const {
        const int64_t end = first + d.arities[n - d.sums];
        T product = 1;
        for (int64_t one = first; one < end; ++one) product *= d.subnode_bias[one] + d.subnode_scale[one] * z[one];
        if (r.node_scale) r.node_scale[n] += grad * product;
        if (r.node_bias) r.node_bias[n] += grad;
        for (int64_t one = first; one < end; ++one) {
            T others = grad * d.node_scale[n];
            for (int64_t other = first; other < end; ++other)
                if (other != one) others *= d.subnode_bias[other] + d.subnode_scale[other] * z[other];
            if (r.subnode_scale) r.subnode_scale[one] += others * z[one];
            if (r.subnode_bias) r.subnode_bias[one] += others;
            to[one] = others * d.subnode_scale[one];
        }
    }

    const Level<T>& l;
    const LayerData<T>& d;
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
