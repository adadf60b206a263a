// What reaches each input: the products of its weights' rows with the gradient, then with the slopes.
#pragma once

#include "sums.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// result[i, b] += sum over the tile's outputs, NV vectors of the gradient in registers.
template <class T, int K, int NV>
void dot_block(const Plan<T>& plan, int degree, const Values<T>& values, int64_t inputs, const T* weights,
               int64_t count, const T* grad, T* result) {
    constexpr int64_t width = NV * lanes<T>;
    const int k = K >= 0 ? K : degree;
    for (int64_t b = 0; b < count; ++b) {
        Vec<T> g[NV];
        for (int v = 0; v < NV; ++v) g[v] = load(grad + b * width + v * lanes<T>);
        for (int64_t i = 0; i < inputs; ++i) {
            const T* w = weights + i * plan.rows * width;
            const T* value = values.values + i * plan.slots * plan.stride + b;
            const T* row = w + (1 + values.first[i * plan.stride + b]) * width;
            Vec<T> dot = g[0] * load(w);
#pragma GCC unroll 8
            for (int v = 1; v < NV; ++v) dot += g[v] * load(w + v * lanes<T>);
            Vec<T> total = value[0] * dot;
#pragma GCC unroll 8
            for (int m = 0; m <= k; ++m) {
                dot = g[0] * load(row + m * width);
#pragma GCC unroll 8
                for (int v = 1; v < NV; ++v) dot += g[v] * load(row + m * width + v * lanes<T>);
                total += value[(m + 1) * plan.stride] * dot;
            }
            result[i * plan.stride + b] += sum<T>(total);
        }
    }
}

template <class T, int K>
struct InputGradient {
    static constexpr int64_t widest = 8;

    static bool run(const Shape& s, const T* x, const T* grad, const T* knots, const Weights<T>& w, T* result) {
        if (s.batch == 0 || s.in == 0) return true;
        const Plan<T> plan(s, widest);
        const Basis<T, K> basis(s);
        const Axes<T> axes(s, knots);
        if (axes.failed(s.extrapolation == kDecay)) return false;
        const int64_t blocks = ratio_up(s.batch, plan.block);
        bool fine = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : fine)
        {
            Scratch scratch(bytes(plan));
            fine = !scratch.failed();
            const Memory memory(scratch, plan);
#pragma omp for schedule(static)
            for (int64_t block = 0; block < blocks; ++block)
                if (fine) one_block(s, plan, basis, axes, x, grad, w, block * plan.block, memory, result);
        }
        return fine;
    }

  private:
    struct Memory {
        T *points, *weights, *grad, *result;
        Values<T> values;
        Memory(Scratch& scratch, const Plan<T>& plan) {
            points = scratch.take<T>(plan.stack * plan.stride);
            weights = scratch.take<T>(plan.stack * plan.rows * plan.vectors * lanes<T>);
            grad = scratch.take<T>(plan.block * plan.vectors * lanes<T>);
            result = scratch.take<T>(plan.stack * plan.stride);
            values.values = scratch.take<T>(plan.stack * plan.slots * plan.stride);
            values.first = scratch.take<int32_t>(plan.stack * plan.stride);
        }
    };

    static int64_t bytes(const Plan<T>& plan) {
        return Scratch::bytes<T>(plan.stack * plan.stride) +
               Scratch::bytes<T>(plan.stack * plan.rows * plan.vectors * lanes<T>) +
               Scratch::bytes<T>(plan.block * plan.vectors * lanes<T>) +
               Scratch::bytes<T>(plan.stack * plan.stride) +
               Scratch::bytes<T>(plan.stack * plan.slots * plan.stride) +
               Scratch::bytes<int32_t>(plan.stack * plan.stride);
    }

    static void one_block(const Shape& s, const Plan<T>& plan, const Basis<T, K>& basis, const Axes<T>& axes,
                          const T* x, const T* grad, const Weights<T>& w, int64_t start, const Memory& memory,
                          T* result) {
        const int64_t count = smaller(plan.block, s.batch - start);
        for (int64_t t = 0; t < plan.tiles; ++t) grad_tile(s, plan, plan.tile(t), grad, start, count, memory.grad);
        for (int64_t from = 0; from < s.in; from += plan.stack) {
            const int64_t inputs = smaller(plan.stack, s.in - from);
            evaluate_stack<T, K>(s, plan, basis, axes, x, nullptr, start, count, from, inputs, memory.points,
                                 memory.values);
            memset(memory.result, 0, static_cast<size_t>(inputs * plan.stride) * sizeof(T));
            for (int64_t t = 0; t < plan.tiles; ++t) {
                const Tile tile = plan.tile(t);
                const int64_t width = tile.count * lanes<T>;
                for (int64_t i = 0; i < inputs; ++i)
                    pack(s, plan, w, from + i, tile, memory.weights + i * plan.rows * width);
                dot_tile(plan, s.degree, tile, memory, inputs, count);
            }
            for (int64_t b = 0; b < count; ++b)
                for (int64_t i = 0; i < inputs; ++i)
                    result[(start + b) * s.in + from + i] = memory.result[i * plan.stride + b];
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

    static void dot_tile(const Plan<T>& plan, int degree, Tile tile, const Memory& m, int64_t inputs,
                         int64_t count) {
        const T* grad = m.grad + tile.first * lanes<T> * plan.block;
        switch (tile.count) {
            case 1: return dot_block<T, K, 1>(plan, degree, m.values, inputs, m.weights, count, grad, m.result);
            case 2: return dot_block<T, K, 2>(plan, degree, m.values, inputs, m.weights, count, grad, m.result);
            case 3: return dot_block<T, K, 3>(plan, degree, m.values, inputs, m.weights, count, grad, m.result);
            case 4: return dot_block<T, K, 4>(plan, degree, m.values, inputs, m.weights, count, grad, m.result);
            case 5: return dot_block<T, K, 5>(plan, degree, m.values, inputs, m.weights, count, grad, m.result);
            case 6: return dot_block<T, K, 6>(plan, degree, m.values, inputs, m.weights, count, grad, m.result);
            case 7: return dot_block<T, K, 7>(plan, degree, m.values, inputs, m.weights, count, grad, m.result);
            default: return dot_block<T, K, 8>(plan, degree, m.values, inputs, m.weights, count, grad, m.result);
        }
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
