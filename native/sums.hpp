// Sums over a layer's edges: a block of samples, a stack of inputs, a tile of outputs at a time.
#pragma once

#include "plan.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// Values of a stack of inputs at a block of samples, and where each sample's weights start.
template <class T>
struct Values {
    T* values;       // (stack, slots, stride)
    int32_t* first;  // (stack, stride)
};

template <class T, int K>
inline void evaluate_stack(const Shape& s, const Plan<T>& plan, const Basis<T, K>& basis, const Axes<T>& axes,
                           const T* x, const T* factor, int64_t start, int64_t count, int64_t from,
                           int64_t inputs, T* points, const Values<T>& out) {
    const int64_t padded = ratio_up(count, lanes<T>) * lanes<T>;
    transpose(x, s.in, start, count, from, inputs, padded, plan.stride, points);
    T* factors = factor ? points + plan.stack * plan.stride : nullptr;
    if (factor) transpose(factor, s.in, start, count, from, inputs, padded, plan.stride, factors);
    for (int64_t i = 0; i < inputs; ++i)
        basis.evaluate(axes[from + i], points + i * plan.stride, factor ? factors + i * plan.stride : nullptr,
                       static_cast<int>(padded), out.values + i * plan.slots * plan.stride, plan.stride,
                       out.first + i * plan.stride);
}

// acc[b, :] += values . weights for all samples of a block, with NS samples and NV vectors in registers.
template <class T, int K, int NV, int NS>
inline void add_samples(const Plan<T>& plan, int degree, const Values<T>& values, int64_t inputs,
                        const T* weights, int64_t b, T* acc) {
    constexpr int64_t width = NV * lanes<T>;
    const int k = K >= 0 ? K : degree;
    Vec<T> total[NS][NV];
    for (int n = 0; n < NS; ++n)
        for (int v = 0; v < NV; ++v) total[n][v] = load(acc + (b + n) * width + v * lanes<T>);
    for (int64_t i = 0; i < inputs; ++i) {
        const T* w = weights + i * plan.rows * width;
        const T* value = values.values + i * plan.slots * plan.stride + b;
        const int32_t* first = values.first + i * plan.stride + b;
#pragma GCC unroll 8
        for (int n = 0; n < NS; ++n) {
            const T* row = w + (1 + first[n]) * width;
#pragma GCC unroll 8
            for (int v = 0; v < NV; ++v) total[n][v] += value[n] * load(w + v * lanes<T>);
#pragma GCC unroll 8
            for (int m = 0; m <= k; ++m) {
                const T factor = value[(m + 1) * plan.stride + n];
#pragma GCC unroll 8
                for (int v = 0; v < NV; ++v)
                    total[n][v] += factor * load(row + m * width + v * lanes<T>);
            }
        }
    }
    for (int n = 0; n < NS; ++n)
        for (int v = 0; v < NV; ++v) store(acc + (b + n) * width + v * lanes<T>, total[n][v]);
}

template <class T, int K, int NV>
void add_block(const Plan<T>& plan, int degree, const Values<T>& values, int64_t inputs, const T* weights,
               int64_t count, T* acc) {
    constexpr int NS = 8 / NV < 1 ? 1 : (8 / NV > 4 ? 4 : 8 / NV);
    int64_t b = 0;
    for (; b + NS <= count; b += NS) add_samples<T, K, NV, NS>(plan, degree, values, inputs, weights, b, acc);
    for (; b < count; ++b) add_samples<T, K, NV, 1>(plan, degree, values, inputs, weights, b, acc);
}

template <class T, int K>
struct Sums {
    static constexpr int64_t widest = kMostVectors;

    static bool run(const Shape& s, const T* x, const T* factor, const T* knots, const Weights<T>& w, T* result) {
        if (s.batch == 0 || s.out == 0) return true;
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
                if (fine) one_block(s, plan, basis, axes, x, factor, w, block * plan.block, memory, result);
        }
        return fine;
    }

  private:
    struct Memory {
        T *points, *weights, *acc;
        Values<T> values;
        Memory(Scratch& scratch, const Plan<T>& plan) {
            points = scratch.take<T>(2 * plan.stack * plan.stride);
            weights = scratch.take<T>(plan.stack * plan.rows * plan.vectors * lanes<T>);
            acc = scratch.take<T>(plan.block * plan.vectors * lanes<T>);
            values.values = scratch.take<T>(plan.stack * plan.slots * plan.stride);
            values.first = scratch.take<int32_t>(plan.stack * plan.stride);
        }
    };

    static int64_t bytes(const Plan<T>& plan) {
        return Scratch::bytes<T>(2 * plan.stack * plan.stride) +
               Scratch::bytes<T>(plan.stack * plan.rows * plan.vectors * lanes<T>) +
               Scratch::bytes<T>(plan.block * plan.vectors * lanes<T>) +
               Scratch::bytes<T>(plan.stack * plan.slots * plan.stride) +
               Scratch::bytes<int32_t>(plan.stack * plan.stride);
    }

    static void one_block(const Shape& s, const Plan<T>& plan, const Basis<T, K>& basis, const Axes<T>& axes,
                          const T* x, const T* factor, const Weights<T>& w, int64_t start,
                          const Memory& memory, T* result) {
        const int64_t count = smaller(plan.block, s.batch - start);
        memset(memory.acc, 0, static_cast<size_t>(plan.block * plan.vectors * lanes<T>) * sizeof(T));
        for (int64_t from = 0; from < s.in; from += plan.stack) {
            const int64_t inputs = smaller(plan.stack, s.in - from);
            evaluate_stack(s, plan, basis, axes, x, factor, start, count, from, inputs, memory.points,
                           memory.values);
            for (int64_t t = 0; t < plan.tiles; ++t) {
                const Tile tile = plan.tile(t);
                const int64_t width = tile.count * lanes<T>;
                for (int64_t i = 0; i < inputs; ++i)
                    pack(s, plan, w, from + i, tile, memory.weights + i * plan.rows * width);
                add_tile(plan, s.degree, tile, memory, inputs, count);
            }
        }
        for (int64_t t = 0; t < plan.tiles; ++t) {
            const Tile tile = plan.tile(t);
            const int64_t width = tile.count * lanes<T>, at = tile.first * lanes<T>;
            const T* acc = memory.acc + at * plan.block;
            const size_t numbers = static_cast<size_t>(smaller(width, s.out - at)) * sizeof(T);
            for (int64_t b = 0; b < count; ++b)
                memcpy(result + (start + b) * s.out + at, acc + b * width, numbers);
        }
    }

    static void add_tile(const Plan<T>& plan, int degree, Tile tile, const Memory& m, int64_t inputs,
                         int64_t count) {
        T* acc = m.acc + tile.first * lanes<T> * plan.block;
        switch (tile.count) {
            case 1: return add_block<T, K, 1>(plan, degree, m.values, inputs, m.weights, count, acc);
            case 2: return add_block<T, K, 2>(plan, degree, m.values, inputs, m.weights, count, acc);
            case 3: return add_block<T, K, 3>(plan, degree, m.values, inputs, m.weights, count, acc);
            case 4: return add_block<T, K, 4>(plan, degree, m.values, inputs, m.weights, count, acc);
            case 5: return add_block<T, K, 5>(plan, degree, m.values, inputs, m.weights, count, acc);
            case 6: return add_block<T, K, 6>(plan, degree, m.values, inputs, m.weights, count, acc);
            case 7: return add_block<T, K, 7>(plan, degree, m.values, inputs, m.weights, count, acc);
            default: return add_block<T, K, 8>(plan, degree, m.values, inputs, m.weights, count, acc);
        }
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
