// Gradients of the weights. A block's samples are sorted by interval, so that the k + 1 rows which they
// share stay in registers; each input belongs to one thread, so that no two add to one number, and the
// order of the additions does not depend on the threads.
#pragma once

#include "sums.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

constexpr int64_t kTogether = 16;  // inputs whose columns of x are read at once: a cache line

constexpr int64_t kRuns = 4;  // of samples that are counted apart

// Sample numbers in the order of their intervals, by counting; `ends[j]` is where those of interval j end.
// Four runs of samples take turns, each with counts of its own (in `places`), as a count that is raised twice
// in a row waits for itself.
inline void sort_by_interval(const int32_t* first, int64_t count, int64_t intervals, int32_t* places,
                             int32_t* ends, int32_t* order) {
    const int64_t run = count / kRuns;
    int32_t* place[kRuns];
    for (int64_t r = 0; r < kRuns; ++r) place[r] = places + r * intervals;
    memset(places, 0, static_cast<size_t>(kRuns * intervals) * sizeof(int32_t));
    for (int64_t b = 0; b < run; ++b)
        for (int64_t r = 0; r < kRuns; ++r) ++place[r][first[r * run + b]];
    for (int64_t b = kRuns * run; b < count; ++b) ++place[kRuns - 1][first[b]];
    int32_t next = 0;
    for (int64_t j = 0; j < intervals; ++j) {
        for (int64_t r = 0; r < kRuns; ++r) {
            const int32_t here = place[r][j];
            place[r][j] = next;
            next += here;
        }
        ends[j] = next;
    }
    for (int64_t b = 0; b < run; ++b)
        for (int64_t r = 0; r < kRuns; ++r)
            order[place[r][first[r * run + b]]++] = static_cast<int32_t>(r * run + b);
    for (int64_t b = kRuns * run; b < count; ++b) order[place[kRuns - 1][first[b]]++] = static_cast<int32_t>(b);
}

// Adds a block's share to the rows of one input in one tile; `ends` as the sort leaves it.
template <class T, int K, int NV>
void scatter(int degree, const T* values, const int32_t* ends, const int32_t* order,
                     int64_t intervals, const T* grad, int64_t row, T* to) {
    const int k = K >= 0 ? K : degree;
    constexpr int most = K >= 0 ? K + 2 : kMaxDegree + 2;
    constexpr int64_t width = NV * lanes<T>;
    int32_t start = 0;
    for (int64_t j = 0; j < intervals; ++j) {
        if (ends[j] == start) continue;
        Vec<T> total[most][NV];
        for (int m = 0; m <= k + 1; ++m)
            for (int v = 0; v < NV; ++v)
                total[m][v] = load(to + (m == 0 ? 0 : j + m) * row + v * lanes<T>);
        for (int32_t at = start; at < ends[j]; ++at) {
            const int32_t b = order[at];
            Vec<T> g[NV];
            for (int v = 0; v < NV; ++v) g[v] = load(grad + b * width + v * lanes<T>);
#pragma GCC unroll 8
            for (int m = 0; m <= k + 1; ++m)
#pragma GCC unroll 8
                for (int v = 0; v < NV; ++v) total[m][v] += values[m * Plan<T>::stride + b] * g[v];
        }
        for (int m = 0; m <= k + 1; ++m)
            for (int v = 0; v < NV; ++v)
                store(to + (m == 0 ? 0 : j + m) * row + v * lanes<T>, total[m][v]);
        start = ends[j];
    }
}

template <class T, int K>
struct WeightGradient {
    static constexpr int64_t widest = 2;

    static bool run(const Shape& s, const T* x, const T* factor, const T* grad, const T* knots,
                    const Weights<T>& w, const WeightGradients<T>& result) {
        if (s.in == 0 || s.out == 0) return true;
        Shape one = s;
        one.threads = 1;
        const Plan<T> plan(one, widest);
        const Basis<T, K> basis(s);
        const Axes<T> axes(s, knots);
        if (axes.failed(s.extrapolation == kDecay)) return false;
        Scratch shared(Scratch::bytes<T>(s.batch * plan.vectors * lanes<T>));
        if (shared.failed()) return false;
        T* grads = shared.take<T>(s.batch * plan.vectors * lanes<T>);
        for (int64_t t = 0; t < plan.tiles; ++t) grad_tile(s, plan.tile(t), grad, grads);
        const int64_t together = smaller(kTogether, ratio_up(s.in, larger(s.threads, 1)));
        const int64_t groups = ratio_up(s.in, together);
        bool fine = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : fine)
        {
            Scratch scratch(bytes(plan, together));
            fine = !scratch.failed();
            const Memory memory(scratch, plan, together);
#pragma omp for schedule(static)
            for (int64_t group = 0; group < groups; ++group)
                if (fine) {
                    const int64_t from = group * together, inputs = smaller(together, s.in - from);
                    add_group(s, plan, basis, axes, x, factor, grads, from, inputs, memory);
                    for (int64_t i = 0; i < inputs; ++i)
                        unpack(s, plan, w, from + i, memory.totals + i * plan.rows * plan.vectors * lanes<T>,
                               result);
                }
        }
        return fine;
    }

  private:
    struct Memory {
        T *points, *values, *totals;
        int32_t *first, *places, *ends, *order;
        Memory(Scratch& scratch, const Plan<T>& plan, int64_t together) {
            points = scratch.take<T>(2 * together * plan.stride);
            values = scratch.take<T>(plan.slots * plan.stride);
            totals = scratch.take<T>(together * plan.rows * plan.vectors * lanes<T>);
            first = scratch.take<int32_t>(plan.block);
            places = scratch.take<int32_t>(kRuns * plan.rows);
            ends = scratch.take<int32_t>(plan.rows);
            order = scratch.take<int32_t>(plan.block);
        }
    };

    static int64_t bytes(const Plan<T>& plan, int64_t together) {
        return Scratch::bytes<T>(2 * together * plan.stride) + Scratch::bytes<T>(plan.slots * plan.stride) +
               Scratch::bytes<T>(together * plan.rows * plan.vectors * lanes<T>) +
               2 * Scratch::bytes<int32_t>(plan.block) + Scratch::bytes<int32_t>(kRuns * plan.rows) +
               Scratch::bytes<int32_t>(plan.rows);
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

    static void add_group(const Shape& s, const Plan<T>& plan, const Basis<T, K>& basis, const Axes<T>& axes,
                          const T* x, const T* factor, const T* grads, int64_t from, int64_t inputs,
                          const Memory& memory) {
        const int64_t row = plan.vectors * lanes<T>;
        memset(memory.totals, 0, static_cast<size_t>(inputs * plan.rows * row) * sizeof(T));
        for (int64_t start = 0; start < s.batch; start += plan.block) {
            const int64_t count = smaller(plan.block, s.batch - start);
            const int64_t padded = ratio_up(count, lanes<T>) * lanes<T>;
            transpose(x, s.in, start, count, from, inputs, padded, plan.stride, memory.points);
            T* factors = factor ? memory.points + inputs * plan.stride : nullptr;
            if (factor) transpose(factor, s.in, start, count, from, inputs, padded, plan.stride, factors);
            for (int64_t i = 0; i < inputs; ++i) {
                basis.evaluate(axes[from + i], memory.points + i * plan.stride,
                               factor ? factors + i * plan.stride : nullptr, static_cast<int>(padded),
                               memory.values, plan.stride, memory.first);
                const int64_t intervals = axes[from + i].intervals;
                sort_by_interval(memory.first, count, intervals, memory.places, memory.ends, memory.order);
                T* totals = memory.totals + i * plan.rows * row;
                for (int64_t t = 0; t < plan.tiles; ++t) {
                    const Tile tile = plan.tile(t);
                    const T* grad = grads + tile.first * lanes<T> * s.batch + start * tile.count * lanes<T>;
                    T* to = totals + tile.first * lanes<T>;
                    if (tile.count == 1)
                        scatter<T, K, 1>(s.degree, memory.values, memory.ends, memory.order,
                                                 intervals, grad, row, to);
                    else
                        scatter<T, K, 2>(s.degree, memory.values, memory.ends, memory.order,
                                                 intervals, grad, row, to);
                }
            }
        }
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

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
