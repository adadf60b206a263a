// A whole small network: forward, backward and the sparsity penalty without a call in between. All values of
// the basis functions are kept from the forward pass to the backward pass, k + 2 for a sample and input, so
// it is meant for networks of few nodes; the penalty needs no value of a single edge in memory.
#pragma once

#include <initializer_list>
#include <new>

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
                nodes_forward(levels_[at], start, count);
            }
        }
        for (int64_t at = 0; at < count_ && moments; ++at) finish_moments(at);
        return levels_[count_ - 1].nodes;
    }

    double penalty(const PenaltyWeights& p) override {
        double total = 0;
        for (int64_t at = 0; at < count_; ++at) total += level_penalty(levels_[at], p);
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
                nodes_backward(level, from, start, count, results[at]);
                if (moments) pull_sums(level, start, count);
                by_degree(level, start, count, [&](auto pass) { pass.backward(moments, inputs ? result_ : nullptr); });
                if (!inputs) continue;
                if (moments) pull_inputs(level, count);
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
            if (p && (p->coef > 0 || p->coefdiff > 0)) add_coefficient_terms(l, i, *p, totals);
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

    static T sign(T value) { return static_cast<T>(value > 0) - static_cast<T>(value < 0); }

    void add_coefficient_terms(const Level<T>& l, int64_t i, const PenaltyWeights& p, T* totals) const {
        const LayerData<T>& d = l.data;
        const T size = static_cast<T>(p.lamb * p.coef / static_cast<double>(d.out));
        const T step = static_cast<T>(p.lamb * p.coefdiff / static_cast<double>(d.out));
        const T* weights = l.weights + (i * l.rows + 1 + l.pad) * l.width;
        totals += (1 + l.pad) * l.width;
        for (int64_t m = 0; m < d.size; ++m)
            for (int64_t o = 0; o < d.out; ++o) {
                const T here = weights[m * l.width + o];
                totals[m * l.width + o] += size * sign(here);
                if (m == 0) continue;
                const T way = step * sign(here - weights[(m - 1) * l.width + o]);
                totals[m * l.width + o] += way;
                totals[(m - 1) * l.width + o] -= way;
            }
    }

    void nodes_forward(const Level<T>& l, int64_t start, int64_t count) const {
        const LayerData<T>& d = l.data;
        for (int64_t b = start; b < start + count; ++b) {
            const T* z = l.sums + b * l.width;
            T* h = l.nodes + b * l.node_count;
            for (int64_t n = 0; n < d.sums; ++n)
                h[n] = d.node_bias[n] + d.node_scale[n] * (d.subnode_bias[n] + d.subnode_scale[n] * z[n]);
            int64_t member = d.sums;
            for (int64_t n = d.sums; n < l.node_count; ++n) {
                T product = 1;
                for (int64_t end = member + d.arities[n - d.sums]; member < end; ++member)
                    product *= d.subnode_bias[member] + d.subnode_scale[member] * z[member];
                h[n] = d.node_bias[n] + d.node_scale[n] * product;
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

    // From the gradient of a block's nodes to that of its sums.
    void nodes_backward(const Level<T>& l, const T* grad, int64_t start, int64_t count, const LayerGradients<T>& r) const {
        const LayerData<T>& d = l.data;
        for (int64_t b = 0; b < count; ++b) {
            const T *z = l.sums + (start + b) * l.width, *g = grad + b * l.node_count;
            T* to = l.sum_gradient + b * l.width;
            int64_t member = 0;
            for (int64_t n = 0; n < l.node_count; ++n) {
                const int64_t start = member, end = member + (n < d.sums ? 1 : d.arities[n - d.sums]);
                T product = 1;
                for (; member < end; ++member) product *= d.subnode_bias[member] + d.subnode_scale[member] * z[member];
                if (r.node_scale) r.node_scale[n] += g[n] * product;
                if (r.node_bias) r.node_bias[n] += g[n];
                for (int64_t one = start; one < end; ++one) {
                    T others = g[n] * d.node_scale[n];
                    for (int64_t other = start; other < end; ++other)
                        if (other != one) others *= d.subnode_bias[other] + d.subnode_scale[other] * z[other];
                    if (r.subnode_scale) r.subnode_scale[one] += others * z[one];
                    if (r.subnode_bias) r.subnode_bias[one] += others;
                    to[one] = others * d.subnode_scale[one];
                }
            }
        }
    }

    // Moments of a layer's edges, inputs and sums, once all samples have gone through.
    void finish_moments(int64_t at) const {
        const Level<T>& l = levels_[at];
        const T share = 1 / static_cast<T>(batch_);
        for (int64_t one = 0; one < l.data.in * l.width; ++one) {
            const T mean = l.mean[one] * share, variance = l.variance[one] * share - mean * mean;
            l.mean[one] = l.pivot[one] + mean;
            // An edge without spread has slopes of 1e12 where all its layer has none: rounding must not meet them.
            const T noise = 4 * Rounding<T>::unit * l.mean[one];
            l.variance[one] = variance > noise * noise ? variance : 0;
        }
        for (int64_t i = 0; i < l.data.in; ++i) {
            const T* x = at == 0 ? l.columns + i * l.points_stride : levels_[at - 1].nodes + i;
            moments_of(x, at == 0 ? 1 : l.data.in, share, l.input_mean[i], l.input_variance[i]);
        }
        for (int64_t o = 0; o < l.data.out; ++o) moments_of(l.sums + o, l.width, share, l.sum_mean[o], l.sum_variance[o]);
    }

    void moments_of(const T* numbers, int64_t step, T share, T& mean, T& variance) const {
        T one = 0, two = 0;
        for (int64_t b = 0; b < batch_; ++b) one += numbers[b * step] - numbers[0];
        mean = numbers[0] + one * share;
        for (int64_t b = 0; b < batch_; ++b) two += (numbers[b * step] - mean) * (numbers[b * step] - mean);
        variance = two * share;
    }

    // Value of a layer's penalty; leaves in `pull` what a unit of deviation from the mean adds to a gradient.
    double level_penalty(const Level<T>& l, const PenaltyWeights& p) const {
        const LayerData<T>& d = l.data;
        const double smooth = 1e-4 * 1e-4;
        double total = 0, sizes = 0;
        for (int64_t i = 0; i < d.in; ++i)
            for (int64_t o = 0; o < d.out; ++o) sizes += size_of(l, p, i, o);
        const double whole = sizes + 1e-12;
        double entropy = 0, weighted = 0;
        for (int64_t i = 0; i < d.in; ++i)
            for (int64_t o = 0; o < d.out; ++o) {
                const double share = size_of(l, p, i, o) / whole;
                entropy -= share * __builtin_log(share + 1e-4);
                weighted += share * entropy_slope(share);
            }
        total = p.l1 * sizes + p.entropy * entropy;
        for (int64_t i = 0; i < d.in; ++i) l.input_pull[i] = 0;
        for (int64_t o = 0; o < d.out; ++o) l.sum_pull[o] = 0;
        const double each = 2 * p.lamb / static_cast<double>(batch_);
        for (int64_t i = 0; i < d.in; ++i) {
            const double input = deviation(l.input_variance[i]);
            for (int64_t o = 0; o < d.out; ++o) {
                const double size = size_of(l, p, i, o), edge = l.variance[i * l.width + o];
                const double slope = p.l1 + p.entropy * (entropy_slope(size / whole) - weighted) / whole;
                double by_edge = edge > 0 ? 0.5 / __builtin_sqrt(edge + smooth) : 0.0;
                if (p.magnitude == kGain) {
                    by_edge /= input + 0.1;
                    l.input_pull[i] -= static_cast<T>(each * slope * size / (input + 0.1) * 0.5 /
                                                      __builtin_sqrt(l.input_variance[i] + smooth));
                } else if (p.magnitude == kShare) {
                    by_edge /= __builtin_sqrt(l.sum_variance[o] + smooth);
                    l.sum_pull[o] -= static_cast<T>(each * slope * size * 0.5 / (l.sum_variance[o] + smooth));
                }
                l.pull[i * l.width + o] = static_cast<T>(each * slope * by_edge);
            }
        }
        return total + coefficient_terms(l, p);
    }

    static double deviation(double variance) { return __builtin_sqrt(variance + 1e-8) - 1e-4; }
    static double entropy_slope(double share) { return -(__builtin_log(share + 1e-4) + share / (share + 1e-4)); }

    static double size_of(const Level<T>& l, const PenaltyWeights& p, int64_t i, int64_t o) {
        const double size = deviation(l.variance[i * l.width + o]);
        if (p.magnitude == kGain) return size / (deviation(l.input_variance[i]) + 0.1);
        if (p.magnitude == kShare) return size / __builtin_sqrt(l.sum_variance[o] + 1e-8);
        return size;
    }

    static double coefficient_terms(const Level<T>& l, const PenaltyWeights& p) {
        if (!(p.coef > 0 || p.coefdiff > 0)) return 0;
        const LayerData<T>& d = l.data;
        double sizes = 0, steps = 0;
        for (int64_t i = 0; i < d.in; ++i) {
            const T* weights = l.weights + (i * l.rows + 1 + l.pad) * l.width;
            for (int64_t m = 0; m < d.size; ++m)
                for (int64_t o = 0; o < d.out; ++o) {
                    sizes += magnitude(weights[m * l.width + o]);
                    if (m) steps += magnitude(weights[m * l.width + o] - weights[(m - 1) * l.width + o]);
                }
        }
        return (p.coef * sizes + p.coefdiff * steps) / static_cast<double>(d.out);
    }

    void pull_sums(const Level<T>& l, int64_t start, int64_t count) const {
        for (int64_t o = 0; o < l.data.out; ++o) {
            const T pull = l.sum_pull[o], mean = l.sum_mean[o];
            if (pull == 0) continue;
            for (int64_t b = 0; b < count; ++b)
                l.sum_gradient[b * l.width + o] += pull * (l.sums[(start + b) * l.width + o] - mean);
        }
    }

    void pull_inputs(const Level<T>& l, int64_t count) const {
        for (int64_t i = 0; i < l.data.in; ++i) {
            const T pull = l.input_pull[i], mean = l.input_mean[i];
            if (pull == 0) continue;
            for (int64_t b = 0; b < count; ++b) result_[i * stride_ + b] += pull * (l.points[i * l.points_stride + b] - mean);
        }
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
