// The gradient of the inputs: the edges' slopes times the gradient of the sums. Its twin in plain torch is
// `input_gradient` of src/edgewise/edges/reference.py.
#pragma once

#include "sums.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// part[b] += the products, lane by lane, of the gradient with the slopes of one input's edges in one tile.
template <class T, int K, int NV>
EDGEWISE_NOINLINE void multiply_block(int degree, const Samples<T>& samples, const Rows<T>& weights, const T* grad,
                                   T* part) {
    constexpr int64_t width = NV * lanes<T>, stride = Tiling<T>::stride;
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
        const Tiling<T> tiling(s, widest, kL1Block);
        const Basis<T, K> basis(s);
        const Axes<T> axes(s, knots);
        const PackedInPlace<T> ready(s, w);
        if (axes.failed(s.extrapolation == kDecay) || ready.failed()) return false;
        const int64_t blocks = cdiv(s.batch, tiling.block);
        bool ok = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : ok)
        {
            Scratch scratch(bytes(tiling));
            ok = !scratch.failed();
            const Memory memory(scratch, tiling);
#pragma omp for schedule(static)
            for (int64_t block = 0; block < blocks; ++block)
                if (ok) one_block(s, tiling, basis, axes, ready, x, grad, w, block * tiling.block, memory, result);
        }
        return ok;
    }

  private:
    struct Memory {
        Values<T> values;
        T *points, *weights, *grad, *part;
        Memory(Scratch& scratch, const Tiling<T>& tiling) : values(scratch, tiling, false) {
            points = scratch.take<T>(tiling.stack * tiling.stride);
            weights = scratch.take<T>(tiling.rows * widest * lanes<T>);
            grad = scratch.take<T>(tiling.block * tiling.vectors * lanes<T>);
            part = scratch.take<T>(tiling.block * lanes<T>);
        }
    };

    static int64_t bytes(const Tiling<T>& tiling) {
        return Values<T>::bytes(tiling, false) + Scratch::bytes<T>(tiling.stack * tiling.stride) +
               Scratch::bytes<T>(tiling.rows * widest * lanes<T>) +
               Scratch::bytes<T>(tiling.block * tiling.vectors * lanes<T>) + Scratch::bytes<T>(tiling.block * lanes<T>);
    }

    static void one_block(const Shape& s, const Tiling<T>& tiling, const Basis<T, K>& basis, const Axes<T>& axes,
                          const PackedInPlace<T>& ready, const T* x, const T* grad, const Weights<T>& w, int64_t start,
                          const Memory& memory, T* result) {
        const int64_t count = min(tiling.block, s.batch - start);
        for (int64_t t = 0; t < tiling.tiles; ++t) grad_tile(s, tiling, tiling.tile(t), grad, start, count, memory.grad);
        for (int64_t from = 0; from < s.in; from += tiling.stack) {
            const int64_t inputs = min(tiling.stack, s.in - from);
            evaluate_stack<T, K>(s, tiling, basis, axes, x, nullptr, start, count, from, inputs, memory.points,
                                 memory.values);
            for (int64_t i = 0; i < inputs; ++i) {
                memset(memory.part, 0, static_cast<size_t>(tiling.block * lanes<T>) * sizeof(T));
                for (int64_t t = 0; t < tiling.tiles; ++t) {
                    const Tile tile = tiling.tile(t);
                    multiply_tile(s.degree, tile, samples_of(tiling, memory.values, i, axes[from + i].intervals),
                                  rows_of(s, tiling, w, ready[from + i], from + i, tile, memory.weights),
                                  memory.grad + tile.first * lanes<T> * tiling.block, memory.part);
                }
                sum_lanes(memory.part, count, memory.points + i * tiling.stride);
            }
            transpose(memory.points, tiling.stride, inputs, count, result + start * s.in + from, s.in);
        }
    }

    static void grad_tile(const Shape& s, const Tiling<T>& tiling, Tile tile, const T* grad, int64_t start,
                          int64_t count, T* to) {
        const int64_t width = tile.count * lanes<T>, at = tile.first * lanes<T>;
        const int64_t numbers = min(width, s.out - at);
        to += at * tiling.block;
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
