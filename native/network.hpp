// A whole small network: forward, backward and the sparsity penalty without a call in between.
#pragma once

#include <initializer_list>
#include <new>

#include "kernels.hpp"
#include "nodes.hpp"
#include "plan.hpp"
#include "sparsity.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

template <class T>
class SmallNetwork : public Network<T> {
  public:
    SmallNetwork(int64_t batch, const LayerData<T>* layers, int64_t count)
        : batch_(batch), count_(count), levels_(nullptr), result_(nullptr), fine_(true) {
        int64_t widest = 0, numbers = 0;
        for (int64_t at = 0; at < count; ++at) {
            widest = larger(widest, layers[at].in);
            numbers += 2 * layers[at].in * (layers[at].degree + 2);
        }
        constexpr int64_t line = 64 / static_cast<int64_t>(sizeof(T));
        block_ = smaller(batch, larger(kMostKept / (numbers * static_cast<int64_t>(sizeof(T))) / line * line, 4 * line));
        stride_ = ratio_up(block_, line) * line + line;
        levels_ = make_zero<Level<T>>(count);
        for (int64_t at = 0; at < count && fine_; ++at) make_level(levels_[at], layers[at], at == 0);
        if (fine_) result_ = make<T>(widest * stride_);
    }
    ~SmallNetwork() override {
        for (int64_t at = 0; levels_ && at < count_; ++at) free_level(levels_[at]);
        give_block(levels_);
        give_block(result_);
    }
    SmallNetwork(const SmallNetwork&) = delete;
    SmallNetwork& operator=(const SmallNetwork&) = delete;

    bool fine() const override { return fine_; }

    void inputs(const T* x, bool slopes) override {
        Level<T>& level = levels_[0];
        if (slopes && !level.slopes) level.slopes = make<T>(level.data.in * level.slots * stride_);
        if (!fine_) return;
        transpose(x, level.data.in, int64_t(0), batch_, int64_t(0), level.data.in, padded(batch_), level.points_stride, level.columns);
        level.points = level.columns;
        if (whole()) by_degree(level, 0, batch_, [&](auto pass) { pass.evaluate(slopes); });
    }

    const T* forward(bool slopes, bool moments) override {
        for (int64_t at = 0; at < count_; ++at) pack_weights(levels_[at]);
        for (int64_t start = 0; start < batch_; start += block_) {
            const int64_t count = smaller(block_, batch_ - start);
            for (int64_t at = 0; at < count_; ++at) {
                evaluate(at, start, count, slopes && whole() && at > 0);
                by_degree(levels_[at], start, count, [&](auto pass) { pass.forward(moments); });
                Nodes<T>(levels_[at]).forward(start, count);
            }
        }
        for (int64_t at = 0; at < count_ && moments; ++at) Sparsity<T>(levels_[at], batch_).finish_moments();
        return levels_[count_ - 1].nodes;
    }

    double penalty(const PenaltyWeights& p) override {
        double total = 0;
        for (int64_t at = 0; at < count_; ++at) {
            const Sparsity<T> sparsity(levels_[at], batch_);
            sparsity.finish_moments_beside(at ? levels_ + at - 1 : nullptr, p.magnitude);
            total += sparsity.value(p);
        }
        return total;
    }

    void backward(const T* grad, bool moments, const PenaltyWeights* p, const LayerGradients<T>* results, T* dx) override {
        for (int64_t at = 0; at < count_; ++at) clear_gradients(levels_[at], results[at]);
        for (int64_t start = 0; start < batch_; start += block_) {
            const int64_t count = smaller(block_, batch_ - start);
            const T* from = grad + start * levels_[count_ - 1].node_count;
            for (int64_t at = count_ - 1; at >= 0; --at) {
                Level<T>& level = levels_[at];
                const bool inputs = at > 0 || dx;
                if (!whole()) evaluate(at, start, count, inputs);
                Nodes<T>(level).backward(from, start, count, results[at]);
                if (moments) Sparsity<T>(level, batch_).pull_sums(start, count);
                by_degree(level, start, count, [&](auto pass) { pass.backward(moments, inputs ? result_ : nullptr); });
                if (!inputs) continue;
                if (moments) Sparsity<T>(level, batch_).pull_inputs(result_, stride_, count);
                T* to = at > 0 ? levels_[at - 1].node_gradient : dx + start * level.data.in;
                for (int64_t b = 0; b < count; ++b)
                    for (int64_t i = 0; i < level.data.in; ++i) to[b * level.data.in + i] = result_[i * stride_ + b];
                from = to;
            }
        }
        for (int64_t at = 0; at < count_; ++at) unpack_weights(levels_[at], results[at], p);
    }

  private:
    template <class N>
    N* make(int64_t count) {
        N* piece = static_cast<N*>(take_block(static_cast<size_t>(larger(count, 1)) * sizeof(N)));
        fine_ = fine_ && piece != nullptr;
        return piece;
    }

    template <class N>
    N* make_zero(int64_t count) {
        N* piece = make<N>(count);
        if (piece) memset(static_cast<void*>(piece), 0, static_cast<size_t>(larger(count, 1)) * sizeof(N));
        return piece;
    }

    void make_level(Level<T>& l, const LayerData<T>& data, bool first) {
        l.data = data;
        l.pad = data.extrapolation == kDecay ? data.degree : 0;
        l.rows = 1 + data.size + 2 * l.pad;
        l.slots = data.degree + 2;
        l.vectors = ratio_up(data.out, lanes<T>);
        l.width = l.vectors * lanes<T>;
        l.node_count = data.sums + data.products;
        Shape shape = {batch_, data.in, data.out, data.size, data.degree, data.base, data.extrapolation, 0, 1};
        l.axes = make<Axes<T>>(1);
        if (!fine_) return;
        new (static_cast<void*>(l.axes)) Axes<T>(shape, data.knots);
        fine_ = fine_ && !l.axes->failed(data.extrapolation == kDecay);
        constexpr int64_t line = 64 / static_cast<int64_t>(sizeof(T));
        l.points_stride = first ? ratio_up(batch_, line) * line + line : stride_;
        l.columns = make<T>(data.in * l.points_stride);
        l.points = l.columns;
        l.values = make<T>(data.in * l.slots * stride_);
        if (!first) l.slopes = make<T>(data.in * l.slots * stride_);
        l.first = make<int32_t>(data.in * stride_);
        l.weights = make_zero<T>(data.in * l.rows * l.width);
        l.scales = make<T>(data.in * l.width);
        l.sums = make<T>(batch_ * l.width);
        l.nodes = make<T>(batch_ * l.node_count);
        l.totals = make<T>(data.in * l.rows * l.width);
        l.sum_gradient = make_zero<T>(block_ * l.width);
        l.node_gradient = make<T>(block_ * l.node_count);
        for (T** moment : {&l.mean, &l.variance, &l.pivot, &l.pull}) *moment = make_zero<T>(data.in * l.width);
        for (T** moment : {&l.input_mean, &l.input_pull, &l.input_variance}) *moment = make_zero<T>(data.in);
        for (T** moment : {&l.sum_mean, &l.sum_pull, &l.sum_variance}) *moment = make_zero<T>(l.width);
    }

    static void free_level(Level<T>& l) {
        if (l.axes) l.axes->~Axes<T>();
        give_block(l.axes);
        give_block(l.first);
        for (T* piece : {l.columns, l.values, l.slopes, l.weights, l.scales, l.sums, l.nodes, l.totals, l.sum_gradient,
                         l.node_gradient, l.mean, l.variance, l.pivot, l.pull, l.input_mean, l.input_pull, l.input_variance,
                         l.sum_mean, l.sum_pull, l.sum_variance})
            give_block(piece);
    }

    // Cubic splines have code of their own.
    template <class F>
    void by_degree(const Level<T>& level, int64_t start, int64_t count, F run) const {
        if (level.data.degree == 3)
            run(LevelPass<T, 3>(level, stride_, start, count));
        else
            run(LevelPass<T, -1>(level, stride_, start, count));
    }

    // All samples are one block: what was evaluated stays.
    bool whole() const { return block_ == batch_; }

    static int64_t padded(int64_t count) { return ratio_up(count, lanes<T>) * lanes<T>; }

    void evaluate(int64_t at, int64_t start, int64_t count, bool slopes) {
        Level<T>& level = levels_[at];
        if (at == 0) {
            if (whole()) return;
            level.points = level.columns + start;
        } else {
            transpose(levels_[at - 1].nodes, level.data.in, start, count, int64_t(0), level.data.in, padded(count), stride_, level.columns);
        }
        by_degree(level, start, count, [&](auto pass) { pass.evaluate(slopes); });
    }

    void pack_weights(const Level<T>& l) const {
        const LayerData<T>& d = l.data;
        for (int64_t i = 0; i < d.in; ++i) {
            T* to = l.weights + i * l.rows * l.width;
            for (int64_t o = 0; o < d.out; ++o) {
                const T on = d.mask[i * d.out + o];
                l.scales[i * l.width + o] = on * d.scale_spline[i * d.out + o];
                to[o] = on * d.scale_base[i * d.out + o];
            }
            for (int64_t m = 0; m < d.size; ++m) {
                const T* coef = d.coef + (i * d.size + m) * d.out;
                T* row = to + (1 + l.pad + m) * l.width;
                for (int64_t o = 0; o < d.out; ++o) row[o] = l.scales[i * l.width + o] * coef[o];
            }
        }
    }

    // Gradients of coefficients and scales, with those of the penalty's terms of the coefficients.
    void unpack_weights(const Level<T>& l, const LayerGradients<T>& r, const PenaltyWeights* p) const {
        const LayerData<T>& d = l.data;
        for (int64_t i = 0; i < d.in; ++i) {
            T* totals = l.totals + i * l.rows * l.width;
            if (p && (p->coef > 0 || p->coefdiff > 0)) Sparsity<T>(l, batch_).add_coefficient_terms(i, *p, totals);
            for (int64_t o = 0; o < d.out; ++o) {
                const int64_t at = i * d.out + o;
                if (r.scale_base) r.scale_base[at] = d.mask[at] * totals[o];
                if (!r.scale_spline) continue;
                T sum = 0;
                for (int64_t m = 0; m < d.size; ++m)
                    sum += d.coef[(i * d.size + m) * d.out + o] * totals[(1 + l.pad + m) * l.width + o];
                r.scale_spline[at] = d.mask[at] * sum;
            }
            for (int64_t m = 0; m < d.size && r.coef; ++m) {
                const T* row = totals + (1 + l.pad + m) * l.width;
                T* to = r.coef + (i * d.size + m) * d.out;
                for (int64_t o = 0; o < d.out; ++o) to[o] = l.scales[i * l.width + o] * row[o];
            }
        }
    }

    static void clear_gradients(const Level<T>& l, const LayerGradients<T>& r) {
        memset(l.totals, 0, static_cast<size_t>(l.data.in * l.rows * l.width) * sizeof(T));
        for (T* part : {r.node_scale, r.node_bias})
            if (part) memset(part, 0, static_cast<size_t>(l.node_count) * sizeof(T));
        for (T* part : {r.subnode_scale, r.subnode_bias})
            if (part) memset(part, 0, static_cast<size_t>(l.data.out) * sizeof(T));
    }

    static constexpr int64_t kMostKept = 1024 * 1024;  // bytes of basis values at a time

    int64_t batch_, count_, block_, stride_;
    Level<T>* levels_;
    T* result_;
    bool fine_;
};

template <class T>
Network<T>* make_network(int64_t batch, const LayerData<T>* layers, int64_t count) {
    void* place = take_block(sizeof(SmallNetwork<T>));
    return place ? new (place) SmallNetwork<T>(batch, layers, count) : nullptr;
}

template <class T>
void release_network(Network<T>* network) {
    if (!network) return;
    network->~Network<T>();
    give_block(network);
}

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
