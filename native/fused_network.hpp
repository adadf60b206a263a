// A whole small network, fused: forward, backward and the sparsity penalty without a call in between. Its twin in
// plain torch is Network.forward, stage by stage (src/edgewise/network/network.py).
#pragma once

#include <initializer_list>
#include <new>

#include "dense_pass.hpp"
#include "jacobian_rows.hpp"
#include "kernels.hpp"
#include "local_pass.hpp"
#include "nodes.hpp"
#include "tiling.hpp"
#include "sparsity.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

template <class T>
class FusedNetwork : public Network<T> {
  public:
    FusedNetwork(int64_t batch, const LayerData<T>* layers, int64_t count) : batch_(batch), count_(count) {
        layers_ = allocate_zeroed<LayerState<T>>(count);
        int64_t numbers = 0;
        for (int64_t at = 0; at < count && ok_; ++at) {
            set_sizes(layers_[at], layers[at]);
            numbers += (at ? 2 : 1) * layers[at].in * layers_[at].slots;
        }
        if (!ok_) return;
        block_ = min(batch, max(kMaxKept / (numbers * static_cast<int64_t>(sizeof(T))) / kLine * kLine, 4 * kLine));
        Arena measured(nullptr);
        take_all(measured);
        memory_ = allocate<char>(measured.used());
        if (!ok_) return;
        Arena arena(memory_);
        take_all(arena);
        for (int64_t at = 0; at < count; ++at) clear(layers_[at]);
        for (int64_t at = 0; at < count && ok_; ++at) make_axes(layers_[at]);
    }
    ~FusedNetwork() override {
        for (int64_t at = 0; layers_ && at < count_; ++at)
            if (layers_[at].axes) layers_[at].axes->~Axes<T>();
        release_block(layers_);
        release_block(memory_);
        release_block(slopes_);
    }
    FusedNetwork(const FusedNetwork&) = delete;
    FusedNetwork& operator=(const FusedNetwork&) = delete;

    bool ok() const override { return ok_; }

    void set_inputs(const T* x, bool slopes) override {
        LayerState<T>& layer = layers_[0];
        if (slopes && !slopes_) layer.slopes = slopes_ = allocate<T>(layer.data.in * layer.slots * layer.stride);
        if (!ok_) return;
        transpose_padded(x, layer.data.in, int64_t(0), batch_, int64_t(0), layer.data.in, padded(batch_),
                         layer.long_stride, columns_);
        if (is_single_block()) evaluate(0, 0, batch_, slopes);
    }

    const T* forward(bool slopes, bool moments) override {
        for (int64_t at = 0; at < count_; ++at) pack_weights(layers_[at]);
        for (int64_t start = 0; start < batch_; start += block_) {
            const int64_t count = min(block_, batch_ - start);
            for (int64_t at = 0; at < count_; ++at) {
                if (at > 0 || !is_single_block()) evaluate(at, start, count, slopes && is_single_block() && at > 0);
                dispatch_pass(layers_[at], start, count, [&](auto pass) { pass.forward(moments); });
                Nodes<T>(layers_[at]).forward(start, count);
            }
        }
        for (int64_t at = 0; at < count_ && moments; ++at) Sparsity<T>(layers_[at], batch_).finish_moments();
        return output_rows(layers_[count_ - 1]);
    }

    double penalty(const PenaltyWeights& p) override {
        double total = 0;
        for (int64_t at = 0; at < count_; ++at) {
            const Sparsity<T> sparsity(layers_[at], batch_);
            sparsity.finish_moments_beside(at ? layers_ + at - 1 : nullptr, columns_, p.magnitude);
            total += sparsity.value(p);
        }
        return total;
    }

    void backward(const T* grad, bool moments, const PenaltyWeights* p, const LayerGradients<T>* results, T* dx) override {
        for (int64_t at = 0; at < count_; ++at) clear_gradients(layers_[at], results[at]);
        for (int64_t start = 0; start < batch_; start += block_) {
            const int64_t count = min(block_, batch_ - start);
            const LayerState<T>& last = layers_[count_ - 1];
            transpose_padded(grad, last.node_count, start, count, int64_t(0), last.node_count, count, last.stride,
                             last.node_gradient);
            for (int64_t at = count_ - 1; at >= 0; --at) {
                LayerState<T>& layer = layers_[at];
                T* below = at > 0 ? layers_[at - 1].node_gradient : dx ? input_gradient_ : nullptr;
                if (!is_single_block()) evaluate(at, start, count, below != nullptr);
                Nodes<T>(layer).backward(layer.node_gradient, start, count, results[at]);
                if (moments) Sparsity<T>(layer, batch_).pull_sums(start, count);
                dispatch_pass(layer, start, count, [&](auto pass) { pass.backward(moments, below); });
                if (below && moments) Sparsity<T>(layer, batch_).pull_inputs(below, count);
            }
            if (dx) to_rows(input_gradient_, layers_[0].stride, layers_[0].data.in, count, dx + start * layers_[0].data.in);
        }
        for (int64_t at = 0; at < count_; ++at) unpack_weights(layers_[at], results[at], p);
    }

    void jacobian(const LayerColumns* places, int64_t columns, const double* factor, double* tiles) override {
        forward(true, false);
        const int64_t outputs = layers_[count_ - 1].node_count;
        for (int64_t at = 0; at < count_; ++at) clear_gradients(layers_[at], {});
        for (int64_t start = 0; start < batch_; start += block_) {
            const int64_t count = min(block_, batch_ - start);
            for (int64_t at = 0; at < count_ && !is_single_block(); ++at) evaluate(at, start, count, at > 0);
            for (int64_t output = 0; output < outputs; ++output) {
                const JacobianRows rows(tiles, columns, factor, start, count, output, outputs);
                jacobian_rows(places, start, count, output, rows);
            }
        }
    }

  private:
    // One output's derivatives at a block of samples.
    void jacobian_rows(const LayerColumns* places, int64_t start, int64_t count, int64_t output, const JacobianRows& rows) {
        const LayerState<T>& last = layers_[count_ - 1];
        for (int64_t n = 0; n < last.node_count; ++n)
            for (int64_t b = 0; b < count; ++b) last.node_gradient[n * last.stride + b] = n == output;
        for (int64_t at = count_ - 1; at >= 0; --at) {
            LayerState<T>& layer = layers_[at];
            const Nodes<T> nodes(layer);
            nodes.shares(layer.node_gradient, start, count, places[at],
                         [&](int64_t column, int64_t b, T share) { rows.set(column, b, share); });
            nodes.backward(layer.node_gradient, start, count, {});
            rows.set_edges(layer, places[at]);
            if (at > 0) dispatch_pass(layer, start, count, [&](auto pass) { pass.backward(false, layers_[at - 1].node_gradient); });
        }
    }

    template <class N>
    N* allocate(int64_t count) {
        N* piece = static_cast<N*>(acquire_block(static_cast<size_t>(max(count, 1)) * sizeof(N)));
        ok_ = ok_ && piece != nullptr;
        return piece;
    }

    template <class N>
    N* allocate_zeroed(int64_t count) {
        N* piece = allocate<N>(count);
        if (piece) memset(static_cast<void*>(piece), 0, static_cast<size_t>(max(count, 1)) * sizeof(N));
        return piece;
    }

    static void set_sizes(LayerState<T>& l, const LayerData<T>& data) {
        l.data = data;
        l.pad = data.extrapolation == kDecay ? data.degree : 0;
        l.rows = 1 + data.size + 2 * l.pad;
        l.slots = data.degree + 2;
        l.dense = is_dense<T>(l.rows, data.out);
        l.width = l.dense ? data.out : cdiv(data.out, lanes<T>) * lanes<T>;
        l.node_count = data.sums + data.products;
        l.part = max(min(512, kL1Bytes / 2 / (l.rows * static_cast<int64_t>(sizeof(T)))) / kLine, 4) * kLine;
    }

    void take_all(Arena& arena) {
        const int64_t stride = column_stride(block_), long_stride = column_stride(batch_), in = layers_[0].data.in;
        columns_ = arena.take<T>(in * long_stride);
        input_gradient_ = arena.take<T>(in * stride);
        outputs_ = arena.take<T>(batch_ * layers_[count_ - 1].node_count);
        for (int64_t at = 0; at < count_; ++at) {
            layers_[at].stride = stride;
            layers_[at].long_stride = layers_[at].points_stride = long_stride;
            take_layer(layers_[at], at == 0, arena);
        }
    }

    void take_layer(LayerState<T>& l, bool first, Arena& arena) const {
        const int64_t in = l.data.in, out = l.data.out, weights = in * l.rows * l.width;
        l.place = arena.take<Axes<T>>(1);
        l.values = arena.take<T>(in * l.slots * l.stride);
        if (!first) l.slopes = arena.take<T>(in * l.slots * l.stride);
        l.first = arena.take<int32_t>(in * l.stride);
        for (T** part : {&l.all_values, &l.all_slopes}) *part = arena.take<T>(l.dense ? l.rows * l.part : 0);
        l.edge_gradient = arena.take<T>(l.dense ? 4 * l.stride : 0);
        l.lines = arena.take<T>(l.dense ? 0 : block_ * l.width);
        l.knots = arena.take<T>(in * (l.data.size + l.data.degree + 1));
        l.coef = arena.take<T>(in * l.data.size * out);
        l.mask = arena.take<T>(in * out);
        l.affine = arena.take<T>(2 * (out + l.node_count));
        l.weights = arena.take<T>(weights);
        l.totals = arena.take<T>(weights);
        l.scales = arena.take<T>(in * l.width);
        l.sums = arena.take<T>(out * l.long_stride);
        l.nodes = arena.take<T>(l.node_count * l.long_stride);
        l.sum_gradient = arena.take<T>(out * l.stride);
        l.node_gradient = arena.take<T>(l.node_count * l.stride);
        for (T** moment : {&l.mean, &l.variance, &l.pivot, &l.pull}) *moment = arena.take<T>(in * l.width);
        for (T** moment : {&l.input_mean, &l.input_pull, &l.input_variance}) *moment = arena.take<T>(in);
        for (T** moment : {&l.sum_mean, &l.sum_pull, &l.sum_variance}) *moment = arena.take<T>(out);
    }

    // What is read before it is written, or is never written.
    static void clear(const LayerState<T>& l) {
        zero(l.weights, l.data.in * l.rows * l.width);
        for (int64_t n = 0; n < l.node_count; ++n) zero(l.nodes + (n + 1) * l.long_stride - 2 * kLine, 2 * kLine);
        for (int64_t o = 0; o < l.data.out; ++o) zero(l.sum_gradient + (o + 1) * l.stride - 2 * kLine, 2 * kLine);
        for (T* moment : {l.mean, l.pull}) zero(moment, l.data.in * l.width);
    }

    static void zero(T* numbers, int64_t count) { memset(numbers, 0, static_cast<size_t>(count) * sizeof(T)); }

    void make_axes(LayerState<T>& l) {
        const LayerData<T>& d = l.data;
        const Shape shape = {batch_, d.in, d.out, d.size, d.degree, d.base, d.extrapolation, 0, 1};
        // Copied, like the parameters: until the backward pass the caller's knots may change, or be gone.
        copy(l.knots, d.knots, d.in * (d.size + d.degree + 1));
        l.axes = new (static_cast<void*>(l.place)) Axes<T>(shape, l.knots);
        ok_ = ok_ && !l.axes->failed(d.extrapolation == kDecay);
    }

    // Cubic splines have code of their own.
    template <class F>
    static void dispatch_pass(const LayerState<T>& layer, int64_t start, int64_t count, F run) {
        if (layer.dense)
            layer.data.degree == 3 ? run(DensePass<T, 3>(layer, start, count)) : run(DensePass<T, -1>(layer, start, count));
        else
            layer.data.degree == 3 ? run(LocalPass<T, 3>(layer, start, count)) : run(LocalPass<T, -1>(layer, start, count));
    }

    // All samples are one block: basis values stay from call to call.
    bool is_single_block() const { return block_ == batch_; }

    static int64_t padded(int64_t count) { return cdiv(count, lanes<T>) * lanes<T>; }

    // Between columns: a cache line more than they need, or all would share a few cache sets.
    static int64_t column_stride(int64_t count) { return cdiv(count, kLine) * kLine + kLine; }

    void evaluate(int64_t at, int64_t start, int64_t count, bool slopes) {
        layers_[at].points = (at > 0 ? layers_[at - 1].nodes : columns_) + start;
        dispatch_pass(layers_[at], start, count, [&](auto pass) { pass.evaluate(slopes); });
    }

    // Columns of a block to rows, one for each sample.
    static void to_rows(const T* from, int64_t stride, int64_t columns, int64_t count, T* to) {
        for (int64_t b = 0; b < count; ++b)
            for (int64_t one = 0; one < columns; ++one) to[b * columns + one] = from[one * stride + b];
    }

    const T* output_rows(const LayerState<T>& last) const {
        if (last.node_count == 1) return last.nodes;
        to_rows(last.nodes, last.long_stride, last.node_count, batch_, outputs_);
        return outputs_;
    }

    // Parameters are read here and nowhere else: until the backward pass they may change, or be gone.
    static void pack_weights(LayerState<T>& l) {
        const LayerData<T>& d = l.data;
        copy(l.mask, d.mask, d.in * d.out);
        copy(l.coef, d.coef, d.in * d.size * d.out);
        copy_affine(l);
        for (int64_t i = 0; i < d.in; ++i) {
            T* to = l.weights + i * l.rows * l.width;
            T* scales = l.scales + i * l.width;
            for (int64_t o = 0; o < d.out; ++o) {
                const T on = d.mask[i * d.out + o];
                scales[o] = on;
                to[o] = on * d.scale_base[i * d.out + o];
            }
            for (int64_t m = 0; m < d.size; ++m) {
                const T* coef = d.coef + (i * d.size + m) * d.out;
                T* row = to + (1 + l.pad + m) * l.width;
                for (int64_t o = 0; o < d.out; ++o) row[o] = scales[o] * coef[o];
            }
        }
    }

    static void copy_affine(LayerState<T>& l) {
        const LayerData<T>& d = l.data;
        T* to = l.affine;
        for (const T* from : {d.subnode_scale, d.subnode_bias}) copy(to, from, d.out), to += d.out;
        for (const T* from : {d.node_scale, d.node_bias}) copy(to, from, l.node_count), to += l.node_count;
    }

    static void copy(T* to, const T* from, int64_t count) { memcpy(to, from, static_cast<size_t>(count) * sizeof(T)); }

    // Gradients of coefficients and scales, with those of the penalty's terms of the coefficients.
    void unpack_weights(const LayerState<T>& l, const LayerGradients<T>& r, const PenaltyWeights* p) const {
        const LayerData<T>& d = l.data;
        for (int64_t i = 0; i < d.in; ++i) {
            T* totals = l.totals + i * l.rows * l.width;
            if (p && (p->coef > 0 || p->coefdiff > 0)) Sparsity<T>(l, batch_).add_coefficient_terms(i, *p, totals);
            for (int64_t o = 0; o < d.out; ++o) {
                const int64_t at = i * d.out + o;
                if (r.scale_base) r.scale_base[at] = l.mask[at] * totals[o];
            }
            for (int64_t m = 0; m < d.size && r.coef; ++m) {
                const T* row = totals + (1 + l.pad + m) * l.width;
                T* to = r.coef + (i * d.size + m) * d.out;
                for (int64_t o = 0; o < d.out; ++o) to[o] = l.scales[i * l.width + o] * row[o];
            }
        }
    }

    static void clear_gradients(const LayerState<T>& l, const LayerGradients<T>& r) {
        zero(l.totals, l.data.in * l.rows * l.width);
        for (T* part : {r.node_scale, r.node_bias})
            if (part) zero(part, l.node_count);
        for (T* part : {r.subnode_scale, r.subnode_bias})
            if (part) zero(part, l.data.out);
    }

    static constexpr int64_t kMaxKept = 1024 * 1024;  // bytes of basis values at a time
    static constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(T));

    int64_t batch_, count_, block_ = 0;
    LayerState<T>* layers_ = nullptr;
    char* memory_ = nullptr;       // of what follows and of the layers
    T* slopes_ = nullptr;          // of the first layer
    T* columns_ = nullptr;         // (in, long_stride): all samples
    T* outputs_ = nullptr;         // (batch, out)
    T* input_gradient_ = nullptr;  // (in, stride)
    bool ok_ = true;
};

template <class T>
Network<T>* make_network(int64_t batch, const LayerData<T>* layers, int64_t count) {
    void* place = acquire_block(sizeof(FusedNetwork<T>));
    return place ? new (place) FusedNetwork<T>(batch, layers, count) : nullptr;
}

template <class T>
void release_network(Network<T>* network) {
    if (!network) return;
    network->~Network<T>();
    release_block(network);
}

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
