// What reaches each input: its edges' slopes, by the gradient of the sums.
#pragma once

#include "sums.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// part[b] += the products, lane by lane, of the gradient with the slopes of one input's edges in one tile.
template <class T, int K, int NV>
EDGEWISE_APART void multiply_block(int degree, const Samples<T>& samples, const Rows<T>& weights, const T* grad,
                                   T* part) {
    constexpr int64_t width = NV * lanes<T>, stride = Plan<T>::stride;
    const int k = K >= 0 ? K : degree;
    const int32_t* next = samples.next;
    const T* values = samples.values;
    Vec<T> base[NV];
    for (int v = 0; v < NV; ++v) base[v] = load(weights.base + v * lanes<T>);
    Window<T, K, NV> near = {};
    bool follows = false;
    for (int64_t j = 0; j < samples.intervals; ++j) {
        int32_t b = samples.head[j];
        if (b < 0) {
            follows = false;
            continue;
        }
        near.read(k, weights.near + j * weights.row, weights.row, follows);
        follows = true;
        for (; b >= 0; b = next[b]) {
            const T *value = values + b, *from = grad + b * width;
            Vec<T> slope[NV];
            for (int v = 0; v < NV; ++v) slope[v] = value[0] * base[v];
#pragma GCC unroll 8
            for (int m = 0; m <= k; ++m)
#pragma GCC unroll 8
                for (int v = 0; v < NV; ++v) slope[v] += value[(m + 1) * stride] * near.rows[m][v];
            Vec<T> total = load(part + b * lanes<T>);
            for (int v = 0; v < NV; ++v) total += load(from + v * lanes<T>) * slope[v];
            store(part + b * lanes<T>, total);
        }
    }
}

// Sums of the lanes of `count` vectors, rounded up to whole vectors of them.
template <class T>
inline void sum_lanes(const T* part, int64_t count, T* to) {
    for (int64_t b = 0; b < count; b += lanes<T>) {
        Vec<T> rows[lanes<T>];
        for (int64_t n = 0; n < lanes<T>; ++n) rows[n] = load(part + (b + n) * lanes<T>);
        store(to + b, sums_of<T>(rows));
    }
}

template <class T, int K>
struct InputGradient {
    static constexpr int64_t widest = K >= 0 ? widest_tile(K + 3) : 2;

    static bool run(const Shape& s, const T* x, const T* grad, const T* knots, const Weights<T>& w, T* result) {
        if (s.batch == 0 || s.in == 0) return true;
        const Plan<T> plan(s, widest, kNearBlock);
        const Basis<T, K> basis(s);
        const Axes<T> axes(s, knots);
        const Ready<T> ready(s, w);
        if (axes.failed(s.extrapolation == kDecay) || ready.failed()) return false;
        const int64_t blocks = ratio_up(s.batch, plan.block);
        bool fine = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : fine)
        {
            Scratch scratch(bytes(plan));
            fine = !scratch.failed();
            const Memory memory(scratch, plan);
#pragma omp for schedule(static)
            for (int64_t block = 0; block < blocks; ++block)
                if (fine) one_block(s, plan, basis, axes, ready, x, grad, w, block * plan.block, memory, result);
        }
        return fine;
    }

  private:
    struct Memory {
        Values<T> values;
        T *points, *weights, *grad, *part;
        Memory(Scratch& scratch, const Plan<T>& plan) : values(scratch, plan, false) {
            points = scratch.take<T>(plan.stack * plan.stride);
            weights = scratch.take<T>(plan.rows * widest * lanes<T>);
            grad = scratch.take<T>(plan.block * plan.vectors * lanes<T>);
            part = scratch.take<T>(plan.block * lanes<T>);
        }
    };

    static int64_t bytes(const Plan<T>& plan) {
        return Values<T>::bytes(plan, false) + Scratch::bytes<T>(plan.stack * plan.stride) +
               Scratch::bytes<T>(plan.rows * widest * lanes<T>) +
               Scratch::bytes<T>(plan.block * plan.vectors * lanes<T>) + Scratch::bytes<T>(plan.block * lanes<T>);
    }

    static void one_block(const Shape& s, const Plan<T>& plan, const Basis<T, K>& basis, const Axes<T>& axes,
                          const Ready<T>& ready, const T* x, const T* grad, const Weights<T>& w, int64_t start,
                          const Memory& memory, T* result) {
        const int64_t count = smaller(plan.block, s.batch - start);
        for (int64_t t = 0; t < plan.tiles; ++t) grad_tile(s, plan, plan.tile(t), grad, start, count, memory.grad);
        for (int64_t from = 0; from < s.in; from += plan.stack) {
            const int64_t inputs = smaller(plan.stack, s.in - from);
            evaluate_stack<T, K>(s, plan, basis, axes, x, nullptr, start, count, from, inputs, memory.points,
                                 memory.values);
            for (int64_t i = 0; i < inputs; ++i) {
                memset(memory.part, 0, static_cast<size_t>(plan.block * lanes<T>) * sizeof(T));
                for (int64_t t = 0; t < plan.tiles; ++t) {
                    const Tile tile = plan.tile(t);
                    multiply_tile(s.degree, tile, samples_of(plan, memory.values, i, axes[from + i].intervals),
                                  rows_of(s, plan, w, ready[from + i], from + i, tile, memory.weights),
                                  memory.grad + tile.first * lanes<T> * plan.block, memory.part);
                }
                sum_lanes(memory.part, count, memory.points + i * plan.stride);
            }
            swap_axes(memory.points, plan.stride, inputs, count, result + start * s.in + from, s.in);
        }
    }

    static void grad_tile(const Shape& s, const Plan<T>& plan, Tile tile, const T* grad, int64_t start,
                          int64_t count, T* to) {
        const int64_t width = tile.count * lanes<T>, at = tile.first * lanes<T>;
        const int64_t numbers = smaller(width, s.out - at);
        to += at * plan.block;
        for (int64_t b = 0; b < count; ++b) {
            memcpy(to + b * width, grad + (start + b) * s.out + at, static_cast<size_t>(numbers) * sizeof(T));
            memset(to + b * width + numbers, 0, static_cast<size_t>(width - numbers) * sizeof(T));
        }
    }

    static void multiply_tile(int degree, Tile tile, const Samples<T>& samples, const Rows<T>& weights, const T* grad,
                              T* part) {
        if constexpr (widest >= 4)
            if (tile.count == 4) return multiply_block<T, K, 4>(degree, samples, weights, grad, part);
        if constexpr (widest >= 3)
            if (tile.count == 3) return multiply_block<T, K, 3>(degree, samples, weights, grad, part);
        if constexpr (widest >= 2)
            if (tile.count == 2) return multiply_block<T, K, 2>(degree, samples, weights, grad, part);
        multiply_block<T, K, 1>(degree, samples, weights, grad, part);
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
