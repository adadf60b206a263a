// Gradients of the weights. A block's samples are gone through by interval, so that the k + 1 rows which they share
// stay in registers; each input belongs to one thread, so that no two add to one number, and the order of the
// additions does not depend on the threads.
#pragma once

#include "input_gradient.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// Where the gradients of one input in one tile are added up: the base's row, and those of the basis functions, `row`
// apart. What a fresh one held before does not count.
template <class T>
struct Totals {
    T *base, *near;
    int64_t row;
    bool fresh;
};

// The rows of an interval, on their way through registers; the intervals are gone through in order.
template <class T, int K, int NV>
struct Passing {
    Window<T, K, NV> near = {};
    Vec<T> base[NV];
    T* to;
    int64_t row;
    bool fresh, held;

    EDGEWISE_INLINE explicit Passing(const Totals<T>& totals)
        : to(totals.near), row(totals.row), fresh(totals.fresh), held(totals.fresh) {
        for (int v = 0; v < NV; ++v) base[v] = fresh ? Vec<T>{} : load(totals.base + v * lanes<T>);
    }

    // To interval j, which may be without samples.
    EDGEWISE_INLINE void enter(int k, int64_t j, bool empty) {
        T* here = to + j * row;
        if (held && j > 0 && (fresh || !empty)) near.write_first(here - row);
        if (fresh) {
            if (j > 0) near.clear_next(k);
            return;
        }
        if (empty && held) near.write(k, here - row, row);
        if (!empty) near.read(k, here, row, held);
        held = !empty;
    }

    EDGEWISE_INLINE void leave(int k, int64_t intervals, T* base_to) const {
        if (held) near.write(k, to + (intervals - 1) * row, row);
        for (int v = 0; v < NV; ++v) store(base_to + v * lanes<T>, base[v]);
    }
};

// Adds a block's share.
template <class T, int K, int NV>
EDGEWISE_APART void scatter(int degree, const Samples<T>& samples, const T* grad, const Totals<T>& totals) {
    const int k = K >= 0 ? K : degree;
    constexpr int64_t width = NV * lanes<T>, stride = Plan<T>::stride;
    const int32_t* next = samples.next;
    const T* values = samples.values;
    Passing<T, K, NV> sum(totals);
    for (int64_t j = 0; j < samples.intervals; ++j) {
        int32_t b = samples.head[j];
        sum.enter(k, j, b < 0);
        for (; b >= 0; b = next[b]) {
            const T *value = values + b, *from = grad + b * width;
            Vec<T> g[NV];
            for (int v = 0; v < NV; ++v) {
                g[v] = load(from + v * lanes<T>);
                sum.base[v] += value[0] * g[v];
            }
#pragma GCC unroll 8
            for (int m = 0; m <= k; ++m)
#pragma GCC unroll 8
                for (int v = 0; v < NV; ++v) sum.near.rows[m][v] += value[(m + 1) * stride] * g[v];
        }
    }
    sum.leave(k, samples.intervals, totals.base);
}

// The same, and what reaches the input, as in `multiply_block`.
template <class T, int K, int NV>
EDGEWISE_APART void scatter_and_multiply(int degree, const Samples<T>& samples, const Rows<T>& weights, const T* grad,
                                         const Totals<T>& totals, T* part) {
    const int k = K >= 0 ? K : degree;
    constexpr int64_t width = NV * lanes<T>, stride = Plan<T>::stride;
    const int32_t* next = samples.next;
    const T *values = samples.values, *slopes = samples.slopes;
    Vec<T> base[NV];
    for (int v = 0; v < NV; ++v) base[v] = load(weights.base + v * lanes<T>);
    Passing<T, K, NV> sum(totals);
    Window<T, K, NV> near = {};
    bool follows = false;
    for (int64_t j = 0; j < samples.intervals; ++j) {
        int32_t b = samples.head[j];
        sum.enter(k, j, b < 0);
        if (b >= 0) near.read(k, weights.near + j * weights.row, weights.row, follows);
        follows = b >= 0;
        for (; b >= 0; b = next[b]) {
            const T *value = values + b, *slope = slopes + b, *from = grad + b * width;
            Vec<T> g[NV], along[NV];
            for (int v = 0; v < NV; ++v) {
                g[v] = load(from + v * lanes<T>);
                sum.base[v] += value[0] * g[v];
                along[v] = slope[0] * base[v];
            }
#pragma GCC unroll 8
            for (int m = 0; m <= k; ++m)
#pragma GCC unroll 8
                for (int v = 0; v < NV; ++v) {
                    sum.near.rows[m][v] += value[(m + 1) * stride] * g[v];
                    along[v] += slope[(m + 1) * stride] * near.rows[m][v];
                }
            Vec<T> total = load(part + b * lanes<T>);
            for (int v = 0; v < NV; ++v) total += g[v] * along[v];
            store(part + b * lanes<T>, total);
        }
    }
    sum.leave(k, samples.intervals, totals.base);
}

// Gradients of the weights; with `Inputs`, of the inputs too, which must then be of order 0 and without a factor.
template <class T, int K, bool Inputs>
struct Gradients {
    static constexpr int64_t widest = K < 0 ? 1 : widest_tile(Inputs ? 2 * K + 6 : K + 3);

    static bool run(const Shape& s, const T* x, const T* factor, const T* grad, const T* knots,
                    const Weights<T>& w, const WeightGradients<T>& result, T* dx) {
        if (s.in == 0) return true;
        if (s.out == 0) {
            if (Inputs) memset(dx, 0, static_cast<size_t>(s.batch * s.in) * sizeof(T));
            return true;
        }
        Shape one = s;
        one.threads = 1;
        Plan<T> plan(one, widest, Inputs ? kNearBlock : kFarBlock);
        plan.stack = smaller(plan.stack, ratio_up(s.in, larger(s.threads, 1)));
        const Basis<T, K> basis(s);
        const Axes<T> axes(s, knots);
        const Ready<T> ready(s, w);
        if (axes.failed(s.extrapolation == kDecay) || ready.failed()) return false;
        Scratch shared(Scratch::bytes<T>(s.batch * plan.vectors * lanes<T>));
        if (shared.failed()) return false;
        T* grads = shared.take<T>(s.batch * plan.vectors * lanes<T>);
        for (int64_t t = 0; t < plan.tiles; ++t) grad_tile(s, plan.tile(t), grad, grads);
        const int64_t groups = ratio_up(s.in, plan.stack);
        bool fine = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : fine)
        {
            Scratch scratch(bytes(plan));
            fine = !scratch.failed();
            const Memory memory(scratch, plan);
#pragma omp for schedule(static)
            for (int64_t group = 0; group < groups; ++group)
                if (fine) {
                    const int64_t from = group * plan.stack, inputs = smaller(plan.stack, s.in - from);
                    add_group(s, plan, basis, axes, ready, x, factor, grads, from, inputs, w, result, dx, memory);
                }
        }
        return fine;
    }

  private:
    struct Memory {
        Values<T> values;
        T *points, *totals, *weights, *part;
        Memory(Scratch& scratch, const Plan<T>& plan) : values(scratch, plan, Inputs) {
            points = scratch.take<T>(2 * plan.stack * plan.stride);
            totals = scratch.take<T>(plan.stack * plan.rows * plan.vectors * lanes<T>);
            weights = Inputs ? scratch.take<T>(plan.rows * widest * lanes<T>) : nullptr;
            part = Inputs ? scratch.take<T>(plan.block * lanes<T>) : nullptr;
        }
    };

    static int64_t bytes(const Plan<T>& plan) {
        const int64_t of_inputs =
            Scratch::bytes<T>(plan.rows * widest * lanes<T>) + Scratch::bytes<T>(plan.block * lanes<T>);
        return Values<T>::bytes(plan, Inputs) + Scratch::bytes<T>(2 * plan.stack * plan.stride) +
               Scratch::bytes<T>(plan.stack * plan.rows * plan.vectors * lanes<T>) + (Inputs ? of_inputs : 0);
    }

    // The gradient tile by tile, each (batch, width), short rows filled with zeros.
    static void grad_tile(const Shape& s, Tile tile, const T* grad, T* to) {
        const int64_t width = tile.count * lanes<T>, at = tile.first * lanes<T>;
        const int64_t numbers = smaller(width, s.out - at);
        to += at * s.batch;
        for (int64_t b = 0; b < s.batch; ++b) {
            memcpy(to + b * width, grad + b * s.out + at, static_cast<size_t>(numbers) * sizeof(T));
            memset(to + b * width + numbers, 0, static_cast<size_t>(width - numbers) * sizeof(T));
        }
    }

    // In the result itself, if gradients are right as they come.
    static bool fits(const WeightGradients<T>& result, bool ready) {
        return ready && result.base && result.coef && !result.scale;
    }

    static Totals<T> totals_of(const Shape& s, const Plan<T>& plan, const WeightGradients<T>& result, bool ready,
                               int64_t i, T* space) {
        const int64_t row = plan.vectors * lanes<T>;
        if (fits(result, ready))
            return {result.base + i * result.base_stride, result.coef + i * result.coef_stride, s.out, true};
        return {space, space + row, row, true};
    }

    static void clear(const Totals<T>& totals, int64_t rows) {
        memset(totals.base, 0, static_cast<size_t>(totals.row) * sizeof(T));
        memset(totals.near, 0, static_cast<size_t>(rows * totals.row) * sizeof(T));
    }

    static void add_group(const Shape& s, const Plan<T>& plan, const Basis<T, K>& basis, const Axes<T>& axes,
                          const Ready<T>& ready, const T* x, const T* factor, const T* grads, int64_t from,
                          int64_t inputs, const Weights<T>& w, const WeightGradients<T>& result, T* dx,
                          const Memory& memory) {
        const int64_t all = plan.rows * plan.vectors * lanes<T>;
        Totals<T> totals[kMostInputs];
        for (int64_t i = 0; i < inputs; ++i) {
            totals[i] = totals_of(s, plan, result, ready[from + i], from + i, memory.totals + i * all);
            if (s.batch == 0) clear(totals[i], fits(result, ready[from + i]) ? s.size : plan.rows - 1);
        }
        for (int64_t start = 0; start < s.batch; start += plan.block) {
            const int64_t count = smaller(plan.block, s.batch - start);
            const int64_t padded = ratio_up(count, lanes<T>) * lanes<T>;
            evaluate_stack(s, plan, basis, axes, x, factor, start, count, from, inputs, memory.points, memory.values);
            for (int64_t i = 0; i < inputs; ++i) {
                const Samples<T> samples = samples_of(plan, memory.values, i, axes[from + i].intervals);
                if (Inputs) memset(memory.part, 0, static_cast<size_t>(padded * lanes<T>) * sizeof(T));
                for (int64_t t = 0; t < plan.tiles; ++t) {
                    const Tile tile = plan.tile(t);
                    const int64_t at = tile.first * lanes<T>;
                    const Totals<T> to = {totals[i].base + at, totals[i].near + at, totals[i].row, start == 0};
                    Rows<T> rows = {};
                    if (Inputs) rows = rows_of(s, plan, w, ready[from + i], from + i, tile, memory.weights);
                    add_tile(s.degree, tile, samples, rows, grads + at * s.batch + start * tile.count * lanes<T>, to,
                             memory.part);
                }
                if (Inputs) sum_lanes(memory.part, count, memory.points + i * plan.stride);
            }
            if (Inputs) swap_axes(memory.points, plan.stride, inputs, count, dx + start * s.in + from, s.in);
        }
        for (int64_t i = 0; i < inputs; ++i)
            if (!fits(result, ready[from + i])) unpack(s, plan, w, from + i, memory.totals + i * all, result);
    }

    static void add_tile(int degree, Tile tile, const Samples<T>& samples, const Rows<T>& weights, const T* grad,
                         const Totals<T>& to, T* part) {
        if constexpr (widest >= 4)
            if (tile.count == 4) return add<4>(degree, samples, weights, grad, to, part);
        if constexpr (widest >= 3)
            if (tile.count == 3) return add<3>(degree, samples, weights, grad, to, part);
        if constexpr (widest >= 2)
            if (tile.count == 2) return add<2>(degree, samples, weights, grad, to, part);
        add<1>(degree, samples, weights, grad, to, part);
    }

    template <int NV>
    static void add(int degree, const Samples<T>& samples, const Rows<T>& weights, const T* grad, const Totals<T>& to,
                    T* part) {
        if constexpr (Inputs)
            scatter_and_multiply<T, K, NV>(degree, samples, weights, grad, to, part);
        else
            scatter<T, K, NV>(degree, samples, grad, to);
    }

    static void unpack(const Shape& s, const Plan<T>& plan, const Weights<T>& w, int64_t i, T* totals,
                       const WeightGradients<T>& result) {
        const int64_t row = plan.vectors * lanes<T>;
        const T* __restrict__ mask = w.mask ? w.mask + i * s.out : nullptr;
        for (int64_t m = 0; m < plan.rows && mask; ++m)
            for (int64_t o = 0; o < s.out; ++o) totals[m * row + o] *= mask[o];
        const size_t numbers = static_cast<size_t>(s.out) * sizeof(T);
        if (result.base) memcpy(result.base + i * result.base_stride, totals, numbers);
        const T* __restrict__ scale = w.scale ? w.scale + i * s.out : nullptr;
        T* __restrict__ scale_gradient = result.scale ? result.scale + i * s.out : nullptr;
        if (scale_gradient) memset(scale_gradient, 0, numbers);
        for (int64_t m = 0; m < s.size; ++m) {
            const T* __restrict__ from = totals + (1 + plan.pad + m) * row;
            const T* __restrict__ coef = w.coef + i * w.coef_stride + m * s.out;
            T* __restrict__ to = result.coef ? result.coef + i * result.coef_stride + m * s.out : nullptr;
            if (scale_gradient)
                for (int64_t o = 0; o < s.out; ++o) scale_gradient[o] += coef[o] * from[o];
            if (to && scale)
                for (int64_t o = 0; o < s.out; ++o) to[o] = scale[o] * from[o];
            else if (to)
                memcpy(to, from, numbers);
        }
    }
};

template <class T, int K>
using WeightGradient = Gradients<T, K, false>;
template <class T, int K>
using BothGradients = Gradients<T, K, true>;

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
