// How a layer's work is cut: blocks of samples, tiles of inputs and of outputs, each sized for a cache.
#pragma once

#include "basis.hpp"
#include "scratch.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

inline int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t max(int64_t a, int64_t b) { return a > b ? a : b; }
inline int64_t cdiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

constexpr int64_t kL1Bytes = 24 * 1024;  // of which a small network takes its share
constexpr int64_t kL1Block = 32 * 1024, kL2Block = 128 * 1024;  // of a block, for the first cache and the second
constexpr int64_t kMaxSamples = 1024, kMaxInputs = 16;
constexpr int64_t kMinSamplesPerInterval = 6;  // of an interval
constexpr int64_t kMaxVectors = 4;  // of a tile
constexpr int64_t kFewRows = 128, kManyInputs = 128, kParts = 4;  // where inputs are shared out, and in how many parts

// Vectors of a tile such that `held` of each fit 32 registers. Where there are 16, half of them lie in the first cache,
// which costs less than going through the samples twice.
constexpr int64_t widest_tile(int pending) {
    return 31 / pending < 1 ? 1 : (31 / pending < kMaxVectors ? 31 / pending : kMaxVectors);
}

// One tile of outputs: vectors [first, first + count) of a row.
struct Tile {
    int64_t first, count;
};

template <class T>
struct Tiling {
    int64_t rows;      // rows of an input's weights: base, then basis functions, those of the padding too
    int64_t pad;       // basis functions before the first coefficient, under "decay"
    int64_t slots;     // values of a sample and input: base and k + 1 basis functions
    int64_t vectors;   // of a row of outputs
    int64_t tiles;     // that these are cut into, of at most `widest`
    int64_t block;     // samples, a multiple of the lanes
    int64_t stack;     // inputs
    // Between rows of a block: a cache line more than the largest, or all rows would share a few cache sets.
    // One number for all blocks, so that a sample's values lie at distances known to the compiler.
    static constexpr int64_t stride = kMaxSamples + 64 / static_cast<int64_t>(sizeof(T));

    // `cache`: bytes for a block of a tile of outputs, which is gone through once for each input. Where intervals
    // are many, a block is larger than that, so that there are a few samples to an interval.
    Tiling(const Shape& s, int64_t widest, int64_t cache) {
        pad = s.extrapolation == kDecay ? s.degree : 0;
        rows = 1 + s.size + 2 * pad;
        slots = s.degree + 2;
        vectors = cdiv(s.out, lanes<T>);
        tiles = cdiv(vectors, widest);
        const int64_t tile_row = cdiv(vectors, tiles) * lanes<T> * static_cast<int64_t>(sizeof(T));
        const int64_t share = cdiv(s.batch, max(s.threads, 1));
        block = max(max(cache / tile_row, 64), kMinSamplesPerInterval * s.size);
        block = min(min(block, kMaxSamples), max(share, 1));
        block = cdiv(block, lanes<T>) * lanes<T>;
        stack = min(kMaxInputs, s.in);
    }

    // Tiles as even as they can be.
    Tile tile(int64_t number) const {
        const int64_t least = vectors / tiles, more = vectors % tiles;
        const int64_t first = number * least + min(number, more);
        return {first, least + (number < more ? 1 : 0)};
    }
};

// The knots of all inputs; under "decay" they are continued on both sides, and the padding becomes domain.
template <class T>
class Axes {
  public:
    Axes(const Shape& s, const T* knots) : axes_(nullptr), longer_(nullptr) {
        const int64_t row = s.size + s.degree + 1, k = s.degree;
        const bool decay = s.extrapolation == kDecay;
        axes_ = static_cast<Axis<T>*>(acquire_block(static_cast<size_t>(max(s.in, 1)) * sizeof(Axis<T>)));
        if (decay) longer_ = static_cast<T*>(acquire_block(static_cast<size_t>(max(s.in, 1) * (row + 2 * k)) * sizeof(T)));
        if (failed(decay)) return;
        for (int64_t i = 0; i < s.in; ++i) {
            const T* own = knots + i * row;
            if (!decay) {
                axes_[i] = make_axis(own + k, static_cast<int>(s.size - k), static_cast<int>(k));
                continue;
            }
            T* wide = longer_ + i * (row + 2 * k);
            const T step = (own[row - 1] - own[0]) / static_cast<T>(row - 1);
            for (int64_t j = 0; j < k; ++j) {
                wide[j] = own[0] - step * static_cast<T>(k - j);
                wide[k + row + j] = own[row - 1] + step * static_cast<T>(j + 1);
            }
            memcpy(wide + k, own, static_cast<size_t>(row) * sizeof(T));
            axes_[i] = make_axis(wide + k, static_cast<int>(row - 1), static_cast<int>(k));
        }
    }
    ~Axes() {
        release_block(axes_);
        release_block(longer_);
    }
    Axes(const Axes&) = delete;
    Axes& operator=(const Axes&) = delete;

    bool failed(bool decay) const { return !axes_ || (decay && !longer_); }
    const Axis<T>& operator[](int64_t i) const { return axes_[i]; }

  private:
    Axis<T>* axes_;
    T* longer_;
};

// to[i, b] = from[b, i] for `count` rows and so many columns, squares of vectors where there are whole ones.
template <class T>
inline void transpose(const T* from, int64_t row, int64_t count, int64_t columns, T* to, int64_t stride) {
    constexpr int64_t side = lanes<T>;
    int64_t b = 0;
    for (; b + side <= count; b += side) {
        int64_t i = 0;
        for (; i + side <= columns; i += side) {
            Vec<T> square[side];
#pragma GCC unroll 16
            for (int64_t n = 0; n < side; ++n) square[n] = load(from + (b + n) * row + i);
            transpose_block<T>(square);
#pragma GCC unroll 16
            for (int64_t n = 0; n < side; ++n) store(to + (i + n) * stride + b, square[n]);
        }
        for (; i < columns; ++i)
            for (int64_t n = b; n < b + side; ++n) to[i * stride + n] = from[n * row + i];
    }
    for (int64_t i = 0; i < columns; ++i)
        for (int64_t n = b; n < count; ++n) to[i * stride + n] = from[n * row + i];
}

// Columns [first, first + inputs) of rows [start, start + count) into rows `stride` apart; their ends repeat the
// last number, so that they are harmless. The columns after them are asked for.
template <class T>
inline void transpose_padded(const T* from, int64_t row, int64_t start, int64_t count, int64_t first, int64_t inputs,
                         int64_t padded, int64_t stride, T* to) {
    from += start * row + first;
    transpose(from, row, count, inputs, to, stride);
    if (first + inputs < row)
        for (int64_t b = 0; b < count; ++b) __builtin_prefetch(from + b * row + inputs);
    for (int64_t i = 0; i < inputs; ++i)
        for (int64_t b = count; b < padded; ++b) to[i * stride + b] = to[i * stride + count - 1];
}

// The weights of one input in one tile of outputs: the base's row, and those of the basis functions, `row` apart.
template <class T>
struct Rows {
    const T *base, *near;
    int64_t row;
};

template <class T>
inline bool all_ones(const T* numbers, int64_t count) {
    IntOf<T> other = 0;
    for (int64_t at = 0; at < count; ++at) other |= numbers[at] != 1;
    return other == 0;
}

// For each input, whether rows of its weights, or of their gradients, can be used where they lie: whole vectors,
// and nothing to be multiplied with.
template <class T>
class PackedInPlace {
  public:
    PackedInPlace(const Shape& s, const Weights<T>& w) : ready_(s.in) {
        uint8_t* flags = ready_.template take<uint8_t>(s.in);
        const bool whole = s.extrapolation != kDecay && s.out % lanes<T> == 0;
        for (int64_t i = 0; i < s.in && flags; ++i)
            flags[i] = whole && (!w.scale || all_ones(w.scale + i * s.out, s.out)) &&
                       (!w.mask || all_ones(w.mask + i * s.out, s.out));
        flags_ = flags;
    }
    bool failed() const { return !flags_; }
    bool operator[](int64_t i) const { return flags_[i]; }

  private:
    Scratch ready_;
    const uint8_t* flags_;
};

// The weights of one input in one tile of outputs, scales and masks multiplied in, short rows filled with zeros.
template <class T>
inline void pack(const Shape& s, const Tiling<T>& tiling, const Weights<T>& w, int64_t i, Tile tile, T* to) {
    const int64_t width = tile.count * lanes<T>, from = tile.first * lanes<T>;
    const int64_t count = min(width, s.out - from);
    const size_t numbers = static_cast<size_t>(count) * sizeof(T);
    memset(to, 0, static_cast<size_t>(tiling.rows * width) * sizeof(T));
    const T* __restrict__ mask = w.mask ? w.mask + i * s.out + from : nullptr;
    const T* __restrict__ scale = w.scale ? w.scale + i * s.out + from : nullptr;
    T factor[kMaxVectors * lanes<T>];
    for (int64_t o = 0; o < count; ++o) factor[o] = (scale ? scale[o] : 1) * (mask ? mask[o] : 1);
    if (w.base) memcpy(to, w.base + i * w.base_stride + from, numbers);
    for (int64_t o = 0; mask && o < count; ++o) to[o] *= mask[o];
    for (int64_t m = 0; m < s.size; ++m) {
        const T* __restrict__ row = w.coef + i * w.coef_stride + m * s.out + from;
        T* __restrict__ packed = to + (1 + tiling.pad + m) * width;
        if (scale || mask)
            for (int64_t o = 0; o < count; ++o) packed[o] = factor[o] * row[o];
        else
            memcpy(packed, row, numbers);
    }
}

// The same, packed into `space` only where they do not lie ready.
template <class T>
inline Rows<T> rows_of(const Shape& s, const Tiling<T>& tiling, const Weights<T>& w, bool ready, int64_t i, Tile tile,
                       T* space) {
    const int64_t width = tile.count * lanes<T>, from = tile.first * lanes<T>;
    if (ready && w.base)
        return {w.base + i * w.base_stride + from, w.coef + i * w.coef_stride + from, s.out};
    pack(s, tiling, w, i, tile, space);
    return {space, space + width, width};
}

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
