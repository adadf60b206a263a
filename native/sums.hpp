// Sums over a layer's edges: a block of samples, a stack of inputs, a tile of outputs at a time. Samples are visited
// by interval. Its twin in plain torch is `sums` of src/edgewise/edges/reference.py.
#pragma once

#include "tiling.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// Values of a stack of inputs at a block of samples, and its samples by interval: `head` is the first of an
// interval, `next` the one after each; -1 ends them.
template <class T>
struct Values {
    T* values;       // (stack, slots, stride)
    T* slopes;       // the same, of one order more; null where they are not asked for
    int32_t* first;  // (stride)
    int32_t* next;   // (stack, stride)
    int32_t* head;   // (stack, rows)

    Values(Scratch& scratch, const Tiling<T>& tiling, bool both) {
        values = scratch.take<T>(tiling.stack * tiling.slots * tiling.stride);
        slopes = both ? scratch.take<T>(tiling.stack * tiling.slots * tiling.stride) : nullptr;
        first = scratch.take<int32_t>(tiling.stride);
        next = scratch.take<int32_t>(tiling.stack * tiling.stride);
        head = scratch.take<int32_t>(tiling.stack * tiling.rows);
    }

    static int64_t bytes(const Tiling<T>& tiling, bool both) {
        return (both ? 2 : 1) * Scratch::bytes<T>(tiling.stack * tiling.slots * tiling.stride) +
               Scratch::bytes<int32_t>(tiling.stride) + Scratch::bytes<int32_t>(tiling.stack * tiling.stride) +
               Scratch::bytes<int32_t>(tiling.stack * tiling.rows);
    }
};

// One input's part of the above.
template <class T>
struct Samples {
    const T *values, *slopes;
    const int32_t *next, *head;
    int64_t intervals;
};

template <class T>
inline Samples<T> samples_of(const Tiling<T>& tiling, const Values<T>& v, int64_t i, int64_t intervals) {
    const int64_t at = i * tiling.slots * tiling.stride;
    return {v.values + at, v.slopes ? v.slopes + at : nullptr, v.next + i * tiling.stride, v.head + i * tiling.rows,
            intervals};
}

// In ascending order. A list is made in one pass over the samples, where sorting takes two.
inline void link_by_interval(const int32_t* first, int64_t count, int64_t intervals, int32_t* head, int32_t* next) {
    for (int64_t j = 0; j < intervals; ++j) head[j] = -1;
    for (int64_t b = count - 1; b >= 0; --b) {
        next[b] = head[first[b]];
        head[first[b]] = static_cast<int32_t>(b);
    }
}

template <class T, int K>
inline void evaluate_stack(const Shape& s, const Tiling<T>& tiling, const Basis<T, K>& basis, const Axes<T>& axes,
                           const T* x, const T* factor, int64_t start, int64_t count, int64_t from,
                           int64_t inputs, T* points, const Values<T>& out) {
    const int64_t padded = cdiv(count, lanes<T>) * lanes<T>;
    transpose_padded(x, s.in, start, count, from, inputs, padded, tiling.stride, points);
    T* factors = factor ? points + tiling.stack * tiling.stride : nullptr;
    if (factor) transpose_padded(factor, s.in, start, count, from, inputs, padded, tiling.stride, factors);
    for (int64_t i = 0; i < inputs; ++i) {
        const T* point = points + i * tiling.stride;
        const int64_t at = i * tiling.slots * tiling.stride;
        if (out.slopes)
            basis.evaluate_both(axes[from + i], point, static_cast<int>(padded), out.values + at, out.slopes + at,
                                tiling.stride, out.first);
        else
            basis.evaluate(axes[from + i], point, factor ? factors + i * tiling.stride : nullptr,
                           static_cast<int>(padded), out.values + at, tiling.stride, out.first);
        link_by_interval(out.first, count, axes[from + i].intervals, out.head + i * tiling.rows,
                         out.next + i * tiling.stride);
    }
}

// The rows of weights that matter in an interval, in registers: one row enters where the next interval follows.
template <class T, int K, int NV>
struct Window {
    static constexpr int most = K >= 0 ? K + 1 : kMaxDegree + 1;
    Vec<T> rows[most][NV];

    EDGEWISE_INLINE void read(int k, const T* from, int64_t row, bool follows) {
        if (follows) {
#pragma GCC unroll 8
            for (int m = 0; m < k; ++m)
                for (int v = 0; v < NV; ++v) rows[m][v] = rows[m + 1][v];
            for (int v = 0; v < NV; ++v) rows[k][v] = load(from + k * row + v * lanes<T>);
        } else {
#pragma GCC unroll 8
            for (int m = 0; m <= k; ++m)
                for (int v = 0; v < NV; ++v) rows[m][v] = load(from + m * row + v * lanes<T>);
        }
    }

    // The next interval's, where nothing has been added up yet.
    EDGEWISE_INLINE void clear_next(int k) {
#pragma GCC unroll 8
        for (int m = 0; m < k; ++m)
            for (int v = 0; v < NV; ++v) rows[m][v] = rows[m + 1][v];
        for (int v = 0; v < NV; ++v) rows[k][v] = Vec<T>{};
    }

    EDGEWISE_INLINE void write_first(T* to) const {
        for (int v = 0; v < NV; ++v) store(to + v * lanes<T>, rows[0][v]);
    }

    EDGEWISE_INLINE void write(int k, T* to, int64_t row) const {
#pragma GCC unroll 8
        for (int m = 0; m <= k; ++m)
            for (int v = 0; v < NV; ++v) store(to + m * row + v * lanes<T>, rows[m][v]);
    }
};

// acc[b, :] += values . weights for all samples of a block: the rows of an interval stay in registers for all of
// its samples.
template <class T, int K, int NV>
EDGEWISE_NOINLINE void add_block(int degree, const Samples<T>& samples, const Rows<T>& weights, T* acc) {
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
            const T* value = values + b;
            T* to = acc + b * width;
            Vec<T> total[NV];
            for (int v = 0; v < NV; ++v) total[v] = load(to + v * lanes<T>) + value[0] * base[v];
#pragma GCC unroll 8
            for (int m = 0; m <= k; ++m)
#pragma GCC unroll 8
                for (int v = 0; v < NV; ++v) total[v] += value[(m + 1) * stride] * near.rows[m][v];
            for (int v = 0; v < NV; ++v) store(to + v * lanes<T>, total[v]);
        }
    }
}

template <class T, int K>
struct Sums {
    static constexpr int64_t widest = K >= 0 ? widest_tile(K + 3) : 2;

    static bool run(const Shape& s, const T* x, const T* factor, const T* knots, const Weights<T>& w, T* result) {
        if (s.batch == 0 || s.out == 0) return true;
        const int64_t parts = parts_of(s);
        Shape tiled = s;
        if (parts > 1) tiled.threads = 1;
        const Tiling<T> tiling(tiled, widest, kL1Block);
        const Basis<T, K> basis(s);
        const Axes<T> axes(s, knots);
        const PackedInPlace<T> ready(s, w);
        if (axes.failed(s.extrapolation == kDecay) || ready.failed()) return false;
        const int64_t blocks = cdiv(s.batch, tiling.block), numbers = tiling.block * tiling.vectors * lanes<T>;
        Scratch shared(parts > 1 ? Scratch::bytes<T>(parts * blocks * numbers) : 0);
        if (parts > 1 && shared.failed()) return false;
        T* sums = parts > 1 ? shared.take<T>(parts * blocks * numbers) : nullptr;
        const int64_t share = cdiv(cdiv(s.in, parts), tiling.stack) * tiling.stack;
        bool ok = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : ok)
        {
            Scratch scratch(bytes(tiling));
            ok = !scratch.failed();
            const Memory memory(scratch, tiling);
#pragma omp for schedule(static)
            for (int64_t task = 0; task < blocks * parts; ++task) {
                if (!ok) continue;
                const int64_t block = task / parts, part = task % parts;
                T* acc = sums ? sums + task * numbers : memory.acc;
                memset(acc, 0, static_cast<size_t>(numbers) * sizeof(T));
                add_inputs(s, tiling, basis, axes, ready, x, factor, w, block * tiling.block, part * share,
                           min((part + 1) * share, s.in), memory, acc);
                if (!sums) write(s, tiling, acc, block * tiling.block, result);
            }
        }
        if (!sums || !ok) return ok;
        for (int64_t block = 0; block < blocks; ++block) {
            T* __restrict__ first = sums + block * parts * numbers;
            for (int64_t part = 1; part < parts; ++part)
                for (int64_t at = 0; at < numbers; ++at) first[at] += first[part * numbers + at];
            write(s, tiling, first, block * tiling.block, result);
        }
        return true;
    }

  private:
    struct Memory {
        Values<T> values;
        T *points, *weights, *acc;
        Memory(Scratch& scratch, const Tiling<T>& tiling) : values(scratch, tiling, false) {
            points = scratch.take<T>(2 * tiling.stack * tiling.stride);
            weights = scratch.take<T>(tiling.rows * widest * lanes<T>);
            acc = scratch.take<T>(tiling.block * tiling.vectors * lanes<T>);
        }
    };

    static int64_t bytes(const Tiling<T>& tiling) {
        return Scratch::bytes<T>(2 * tiling.stack * tiling.stride) +
               Scratch::bytes<T>(tiling.rows * widest * lanes<T>) +
               Scratch::bytes<T>(tiling.block * tiling.vectors * lanes<T>) + Values<T>::bytes(tiling, false);
    }

    // Few samples of many inputs are shared out by inputs, in as many parts whatever the threads, so that sums are the
    // same to the bit: each thread then reads weights of its own, and an interval has as many samples as there are.
    static int64_t parts_of(const Shape& s) {
        return s.batch <= kFewRows && s.in >= kManyInputs ? kParts : 1;
    }

    static void add_inputs(const Shape& s, const Tiling<T>& tiling, const Basis<T, K>& basis, const Axes<T>& axes,
                           const PackedInPlace<T>& ready, const T* x, const T* factor, const Weights<T>& w, int64_t start,
                           int64_t first, int64_t last, const Memory& memory, T* acc) {
        const int64_t count = min(tiling.block, s.batch - start);
        for (int64_t from = first; from < last; from += tiling.stack) {
            const int64_t inputs = min(tiling.stack, last - from);
            evaluate_stack(s, tiling, basis, axes, x, factor, start, count, from, inputs, memory.points,
                           memory.values);
            for (int64_t t = 0; t < tiling.tiles; ++t) {
                const Tile tile = tiling.tile(t);
                for (int64_t i = 0; i < inputs; ++i)
                    add_tile(s.degree, tile, samples_of(tiling, memory.values, i, axes[from + i].intervals),
                             rows_of(s, tiling, w, ready[from + i], from + i, tile, memory.weights),
                             acc + tile.first * lanes<T> * tiling.block);
            }
        }
    }

    static void write(const Shape& s, const Tiling<T>& tiling, const T* acc, int64_t start, T* result) {
        const int64_t count = min(tiling.block, s.batch - start);
        for (int64_t t = 0; t < tiling.tiles; ++t) {
            const Tile tile = tiling.tile(t);
            const int64_t width = tile.count * lanes<T>, at = tile.first * lanes<T>;
            const T* from = acc + at * tiling.block;
            const size_t numbers = static_cast<size_t>(min(width, s.out - at)) * sizeof(T);
            for (int64_t b = 0; b < count; ++b)
                memcpy(result + (start + b) * s.out + at, from + b * width, numbers);
        }
    }

    static void add_tile(int degree, Tile tile, const Samples<T>& samples, const Rows<T>& weights, T* acc) {
        if constexpr (widest >= 4)
            if (tile.count == 4) return add_block<T, K, 4>(degree, samples, weights, acc);
        if constexpr (widest >= 3)
            if (tile.count == 3) return add_block<T, K, 3>(degree, samples, weights, acc);
        if constexpr (widest >= 2)
            if (tile.count == 2) return add_block<T, K, 2>(degree, samples, weights, acc);
        add_block<T, K, 1>(degree, samples, weights, acc);
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
