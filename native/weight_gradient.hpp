// Gradients of the weights. A block's samples are visited by interval, so that the k + 1 rows which they share stay in
// registers; each input belongs to one thread, so that no two add to one number, and the order of the additions does
// not depend on the threads. Its twin in plain torch is `weight_gradient` of src/edgewise/edges/reference.py.
#pragma once

#include "input_gradient.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// Where the gradients of one input in one tile are added up: the base's row, and those of the basis functions, `row`
// apart. What a fresh one held before does not count.
template <class T>
struct GradientRows {
    T *base, *near;
    int64_t row;
    bool fresh;
};

// The rows of gradients of an interval, kept in registers while the intervals are visited in order.
template <class T, int K, int NV>
struct RowStream {
    Window<T, K, NV> near = {};
    Vec<T> base[NV];
    T* to;
    int64_t row;
    bool fresh, pending;

    EDGEWISE_INLINE explicit RowStream(const GradientRows<T>& totals)
        : to(totals.near), row(totals.row), fresh(totals.fresh), pending(totals.fresh) {
        for (int v = 0; v < NV; ++v) base[v] = fresh ? Vec<T>{} : load(totals.base + v * lanes<T>);
    }

    // To interval j, which may be without samples.
    EDGEWISE_INLINE void enter(int k, int64_t j, bool empty) {
        T* here = to + j * row;
        if (pending && j > 0 && (fresh || !empty)) near.write_first(here - row);
        if (fresh) {
            if (j > 0) near.clear_next(k);
            return;
        }
        if (empty && pending) near.write(k, here - row, row);
        if (!empty) near.read(k, here, row, pending);
        pending = !empty;
    }

    EDGEWISE_INLINE void leave(int k, int64_t intervals, T* base_to) const {
        if (pending) near.write(k, to + (intervals - 1) * row, row);
        for (int v = 0; v < NV; ++v) store(base_to + v * lanes<T>, base[v]);
    }
};

// Adds a block's share.
template <class T, int K, int NV>
EDGEWISE_NOINLINE void scatter(int degree, const Samples<T>& samples, const T* grad, const GradientRows<T>& totals) {
    const int k = K >= 0 ? K : degree;
    constexpr int64_t width = NV * lanes<T>, stride = Tiling<T>::stride;
    const int32_t* next = samples.next;
    const T* values = samples.values;
    RowStream<T, K, NV> sum(totals);
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
EDGEWISE_NOINLINE void scatter_and_multiply(int degree, const Samples<T>& samples, const Rows<T>& weights, const T* grad,
                                         const GradientRows<T>& totals, T* part) {
    const int k = K >= 0 ? K : degree;
    constexpr int64_t width = NV * lanes<T>, stride = Tiling<T>::stride;
    const int32_t* next = samples.next;
    const T *values = samples.values, *slopes = samples.slopes;
    Vec<T> base[NV];
    for (int v = 0; v < NV; ++v) base[v] = load(weights.base + v * lanes<T>);
    RowStream<T, K, NV> sum(totals);
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
        Tiling<T> tiling(one, widest, Inputs ? kL1Block : kL2Block);
        tiling.stack = min(tiling.stack, cdiv(s.in, max(s.threads, 1)));
        const Basis<T, K> basis(s);
        const Axes<T> axes(s, knots);
        const PackedInPlace<T> ready(s, w);
        if (axes.failed(s.extrapolation == kDecay) || ready.failed()) return false;
        Scratch shared(Scratch::bytes<T>(s.batch * tiling.vectors * lanes<T>));
        if (shared.failed()) return false;
        T* grads = shared.take<T>(s.batch * tiling.vectors * lanes<T>);
        for (int64_t t = 0; t < tiling.tiles; ++t) grad_tile(s, tiling.tile(t), grad, grads);
        const int64_t groups = cdiv(s.in, tiling.stack);
        bool ok = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : ok)
        {
            Scratch scratch(bytes(tiling));
            ok = !scratch.failed();
            const Memory memory(scratch, tiling);
#pragma omp for schedule(static)
            for (int64_t group = 0; group < groups; ++group)
                if (ok) {
                    const int64_t from = group * tiling.stack, inputs = min(tiling.stack, s.in - from);
                    add_group(s, tiling, basis, axes, ready, x, factor, grads, from, inputs, w, result, dx, memory);
                }
        }
        return ok;
    }

  private:
    struct Memory {
        Values<T> values;
        T *points, *totals, *weights, *part;
        Memory(Scratch& scratch, const Tiling<T>& tiling) : values(scratch, tiling, Inputs) {
            points = scratch.take<T>(2 * tiling.stack * tiling.stride);
            totals = scratch.take<T>(tiling.stack * tiling.rows * tiling.vectors * lanes<T>);
            weights = Inputs ? scratch.take<T>(tiling.rows * widest * lanes<T>) : nullptr;
            part = Inputs ? scratch.take<T>(tiling.block * lanes<T>) : nullptr;
        }
    };

    static int64_t bytes(const Tiling<T>& tiling) {
        const int64_t of_inputs =
            Scratch::bytes<T>(tiling.rows * widest * lanes<T>) + Scratch::bytes<T>(tiling.block * lanes<T>);
        return Values<T>::bytes(tiling, Inputs) + Scratch::bytes<T>(2 * tiling.stack * tiling.stride) +
               Scratch::bytes<T>(tiling.stack * tiling.rows * tiling.vectors * lanes<T>) + (Inputs ? of_inputs : 0);
    }

    // The gradient tile by tile, each (batch, width), short rows filled with zeros.
    static void grad_tile(const Shape& s, Tile tile, const T* grad, T* to) {
        const int64_t width = tile.count * lanes<T>, at = tile.first * lanes<T>;
        const int64_t numbers = min(width, s.out - at);
        to += at * s.batch;
        for (int64_t b = 0; b < s.batch; ++b) {
            memcpy(to + b * width, grad + b * s.out + at, static_cast<size_t>(numbers) * sizeof(T));
            memset(to + b * width + numbers, 0, static_cast<size_t>(width - numbers) * sizeof(T));
        }
    }

    // Whether gradients can be added up in the result itself, as they need no scale and no mask.
    static bool writes_in_place(const WeightGradients<T>& result, bool ready) {
        return ready && result.base && result.coef && !result.scale;
    }

    static GradientRows<T> gradient_rows(const Shape& s, const Tiling<T>& tiling, const WeightGradients<T>& result,
                                         bool ready, int64_t i, T* space) {
        const int64_t row = tiling.vectors * lanes<T>;
        if (writes_in_place(result, ready))
            return {result.base + i * result.base_stride, result.coef + i * result.coef_stride, s.out, true};
        return {space, space + row, row, true};
    }

    static void clear(const GradientRows<T>& totals, int64_t rows) {
        memset(totals.base, 0, static_cast<size_t>(totals.row) * sizeof(T));
        memset(totals.near, 0, static_cast<size_t>(rows * totals.row) * sizeof(T));
    }

    static void add_group(const Shape& s, const Tiling<T>& tiling, const Basis<T, K>& basis, const Axes<T>& axes,
                          const PackedInPlace<T>& ready, const T* x, const T* factor, const T* grads, int64_t from,
                          int64_t inputs, const Weights<T>& w, const WeightGradients<T>& result, T* dx,
                          const Memory& memory) {
        const int64_t all = tiling.rows * tiling.vectors * lanes<T>;
        GradientRows<T> totals[kMaxInputs];
        for (int64_t i = 0; i < inputs; ++i) {
            totals[i] = gradient_rows(s, tiling, result, ready[from + i], from + i, memory.totals + i * all);
            if (s.batch == 0) clear(totals[i], writes_in_place(result, ready[from + i]) ? s.size : tiling.rows - 1);
        }
        for (int64_t start = 0; start < s.batch; start += tiling.block) {
            const int64_t count = min(tiling.block, s.batch - start);
            const int64_t padded = cdiv(count, lanes<T>) * lanes<T>;
            evaluate_stack(s, tiling, basis, axes, x, factor, start, count, from, inputs, memory.points, memory.values);
            for (int64_t i = 0; i < inputs; ++i) {
                const Samples<T> samples = samples_of(tiling, memory.values, i, axes[from + i].intervals);
                if (Inputs) memset(memory.part, 0, static_cast<size_t>(padded * lanes<T>) * sizeof(T));
                for (int64_t t = 0; t < tiling.tiles; ++t) {
                    const Tile tile = tiling.tile(t);
                    const int64_t at = tile.first * lanes<T>;
                    const GradientRows<T> to = {totals[i].base + at, totals[i].near + at, totals[i].row, start == 0};
                    Rows<T> rows = {};
                    if (Inputs) rows = rows_of(s, tiling, w, ready[from + i], from + i, tile, memory.weights);
                    add_tile(s.degree, tile, samples, rows, grads + at * s.batch + start * tile.count * lanes<T>, to,
                             memory.part);
                }
                if (Inputs) sum_lanes(memory.part, count, memory.points + i * tiling.stride);
            }
            if (Inputs) transpose(memory.points, tiling.stride, inputs, count, dx + start * s.in + from, s.in);
        }
        for (int64_t i = 0; i < inputs; ++i)
            if (!writes_in_place(result, ready[from + i]))
                unpack(s, tiling, w, from + i, memory.totals + i * all, result);
    }

    static void add_tile(int degree, Tile tile, const Samples<T>& samples, const Rows<T>& weights, const T* grad,
                         const GradientRows<T>& to, T* part) {
        if constexpr (widest >= 4)
            if (tile.count == 4) return add<4>(degree, samples, weights, grad, to, part);
        if constexpr (widest >= 3)
            if (tile.count == 3) return add<3>(degree, samples, weights, grad, to, part);
        if constexpr (widest >= 2)
            if (tile.count == 2) return add<2>(degree, samples, weights, grad, to, part);
        add<1>(degree, samples, weights, grad, to, part);
    }

    template <int NV>
    static void add(int degree, const Samples<T>& samples, const Rows<T>& weights, const T* grad,
                    const GradientRows<T>& to, T* part) {
        if constexpr (Inputs)
            scatter_and_multiply<T, K, NV>(degree, samples, weights, grad, to, part);
        else
            scatter<T, K, NV>(degree, samples, grad, to);
    }

    static void unpack(const Shape& s, const Tiling<T>& tiling, const Weights<T>& w, int64_t i, T* totals,
                       const WeightGradients<T>& result) {
        const int64_t row = tiling.vectors * lanes<T>;
        const T* __restrict__ mask = w.mask ? w.mask + i * s.out : nullptr;
        for (int64_t m = 0; m < tiling.rows && mask; ++m)
            for (int64_t o = 0; o < s.out; ++o) totals[m * row + o] *= mask[o];
        const size_t numbers = static_cast<size_t>(s.out) * sizeof(T);
        if (result.base) memcpy(result.base + i * result.base_stride, totals, numbers);
        const T* __restrict__ scale = w.scale ? w.scale + i * s.out : nullptr;
        T* __restrict__ scale_gradient = result.scale ? result.scale + i * s.out : nullptr;
        if (scale_gradient) memset(scale_gradient, 0, numbers);
        for (int64_t m = 0; m < s.size; ++m) {
            const T* __restrict__ from = totals + (1 + tiling.pad + m) * row;
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
