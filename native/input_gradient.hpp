// What reaches each input: the products of its weights' rows with the gradient, then with the slopes.
#pragma once

#include "sums.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// Lane by lane, the products of NV vectors with as many of each of a sample's rows: the base's, then those of
// the basis functions. The rows take turns, as one sum after another would wait for itself.
template <class T, int K, int NV>
EDGEWISE_INLINE Vec<T> dot_rows(int k, const Vec<T>* g, const T* value, const T* base, const T* near) {
    constexpr int64_t width = NV * lanes<T>, stride = Plan<T>::stride;
    constexpr int rows = K >= 0 ? K + 1 : kMaxDegree + 1;
    Vec<T> ground = g[0] * load(base), dots[rows];
    for (int m = 0; m <= k; ++m) dots[m] = g[0] * load(near + m * width);
#pragma GCC unroll 8
    for (int v = 1; v < NV; ++v) {
        ground += g[v] * load(base + v * lanes<T>);
#pragma GCC unroll 8
        for (int m = 0; m <= k; ++m) dots[m] += g[v] * load(near + m * width + v * lanes<T>);
    }
    Vec<T> total = value[0] * ground;
#pragma GCC unroll 8
    for (int m = 0; m <= k; ++m) total += value[(m + 1) * stride] * dots[m];
    return total;
}

// result[b, i] += sum over the tile's outputs, NV vectors of the gradient in registers; `row` numbers to a
// row of the result.
template <class T, int K, int NV>
void dot_block(const Plan<T>& plan, int degree, const Values<T>& values, int64_t inputs, const T* weights,
               int64_t count, const T* grad, int64_t row, T* result) {
    constexpr int64_t width = NV * lanes<T>;
    const int k = K >= 0 ? K : degree;
    for (int64_t b = 0; b < count; ++b) {
        Vec<T> g[NV];
        for (int v = 0; v < NV; ++v) g[v] = load(grad + b * width + v * lanes<T>);
        for (int64_t from = 0; from < inputs; from += lanes<T>) {
            Vec<T> totals[lanes<T>];
            const int64_t few = smaller(lanes<T>, inputs - from);
            for (int64_t i = 0; i < few; ++i) {
                const T* w = weights + (from + i) * plan.rows * width;
                const int64_t at = (from + i) * plan.stride + b, first = values.first[at];
                totals[i] = dot_rows<T, K, NV>(k, g, values.values + (from + i) * plan.slots * plan.stride + b, w,
                                               w + (1 + first) * width);
            }
            for (int64_t i = few; i < lanes<T>; ++i) totals[i] = all<T>(0);
            T* to = result + b * row + from;
            store(to, load(to) + sums_of<T>(totals));
        }
    }
}

template <class T, int K>
struct InputGradient {
    static constexpr int64_t widest = kMostVectors;

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
    // Numbers to a row of a block's result: a stack of inputs, in whole vectors.
    static int64_t row_of(const Plan<T>& plan) { return ratio_up(plan.stack, lanes<T>) * lanes<T>; }

    struct Memory {
        T *points, *weights, *grad, *result;
        Values<T> values;
        Memory(Scratch& scratch, const Plan<T>& plan) {
            points = scratch.take<T>(plan.stack * plan.stride);
            weights = scratch.take<T>(plan.stack * plan.rows * plan.vectors * lanes<T>);
            grad = scratch.take<T>(plan.block * plan.vectors * lanes<T>);
            result = scratch.take<T>(plan.block * row_of(plan));
            values.values = scratch.take<T>(plan.stack * plan.slots * plan.stride);
            values.first = scratch.take<int32_t>(plan.stack * plan.stride);
        }
    };

    static int64_t bytes(const Plan<T>& plan) {
        return Scratch::bytes<T>(plan.stack * plan.stride) +
               Scratch::bytes<T>(plan.stack * plan.rows * plan.vectors * lanes<T>) +
               Scratch::bytes<T>(plan.block * plan.vectors * lanes<T>) +
               Scratch::bytes<T>(plan.block * row_of(plan)) +
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
            memset(memory.result, 0, static_cast<size_t>(count * row_of(plan)) * sizeof(T));
            for (int64_t t = 0; t < plan.tiles; ++t) {
                const Tile tile = plan.tile(t);
                const int64_t width = tile.count * lanes<T>;
                for (int64_t i = 0; i < inputs; ++i)
                    pack(s, plan, w, from + i, tile, memory.weights + i * plan.rows * width);
                dot_tile(plan, s.degree, tile, memory, inputs, count);
            }
            for (int64_t b = 0; b < count; ++b)
                memcpy(result + (start + b) * s.in + from, memory.result + b * row_of(plan),
                       static_cast<size_t>(inputs) * sizeof(T));
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
        const int64_t row = row_of(plan);
        switch (tile.count) {
            case 1: return dot_block<T, K, 1>(plan, degree, m.values, inputs, m.weights, count, grad, row, m.result);
            case 2: return dot_block<T, K, 2>(plan, degree, m.values, inputs, m.weights, count, grad, row, m.result);
            case 3: return dot_block<T, K, 3>(plan, degree, m.values, inputs, m.weights, count, grad, row, m.result);
            case 4: return dot_block<T, K, 4>(plan, degree, m.values, inputs, m.weights, count, grad, row, m.result);
            case 5: return dot_block<T, K, 5>(plan, degree, m.values, inputs, m.weights, count, grad, row, m.result);
            case 6: return dot_block<T, K, 6>(plan, degree, m.values, inputs, m.weights, count, grad, row, m.result);
            case 7: return dot_block<T, K, 7>(plan, degree, m.values, inputs, m.weights, count, grad, row, m.result);
            default: return dot_block<T, K, 8>(plan, degree, m.values, inputs, m.weights, count, grad, row, m.result);
        }
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
