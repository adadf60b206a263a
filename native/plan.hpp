// How a layer's work is cut: blocks of samples, tiles of inputs and of outputs, each sized for a cache.
#pragma once

#include "basis.hpp"
#include "scratch.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
inline int64_t ratio_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

constexpr int64_t kFirstCache = 24 * 1024, kSecondCache = 192 * 1024, kMostSamples = 512;
constexpr int64_t kMostVectors = 8;  // of a tile

// One tile of outputs: vectors [first, first + count) of a row.
struct Tile {
    int64_t first, count;
};

template <class T>
struct Plan {
    int64_t rows;      // rows of an input's weights: base, then basis functions, those of the padding too
    int64_t pad;       // basis functions before the first coefficient, under "decay"
    int64_t slots;     // values of a sample and input: base and k + 1 basis functions
    int64_t vectors;   // of a row of outputs
    int64_t tiles;     // that these are cut into, of at most `widest`
    int64_t block;     // samples, a multiple of the lanes
    int64_t stack;     // inputs
    // Between rows of a block: a cache line more than the largest, or all rows would share a few cache sets.
    // One number for all blocks, so that a sample's values lie at distances known to the compiler.
    static constexpr int64_t stride = kMostSamples + 64 / static_cast<int64_t>(sizeof(T));

    Plan(const Shape& s, int64_t widest) {
        pad = s.extrapolation == kDecay ? s.degree : 0;
        rows = 1 + s.size + 2 * pad;
        slots = s.degree + 2;
        vectors = ratio_up(s.out, lanes<T>);
        tiles = ratio_up(vectors, widest);
        const int64_t row = vectors * lanes<T> * static_cast<int64_t>(sizeof(T));
        const int64_t tile_row = ratio_up(vectors, tiles) * lanes<T> * static_cast<int64_t>(sizeof(T));
        const int64_t share = ratio_up(s.batch, larger(s.threads, 1));
        block = smaller(smaller(larger(kSecondCache / row, 64), kMostSamples), larger(share, 1));
        block = ratio_up(block, lanes<T>) * lanes<T>;
        stack = smaller(smaller(larger(kFirstCache / (rows * tile_row), 1), 16), s.in);
        if (stack > lanes<T>) stack = stack / lanes<T> * lanes<T>;
    }

    // Tiles as even as they can be.
    Tile tile(int64_t number) const {
        const int64_t least = vectors / tiles, more = vectors % tiles;
        const int64_t first = number * least + smaller(number, more);
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
        axes_ = static_cast<Axis<T>*>(take_block(static_cast<size_t>(larger(s.in, 1)) * sizeof(Axis<T>)));
        if (decay) longer_ = static_cast<T*>(take_block(static_cast<size_t>(larger(s.in, 1) * (row + 2 * k)) * sizeof(T)));
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
        give_block(axes_);
        give_block(longer_);
    }
    Axes(const Axes&) = delete;
    Axes& operator=(const Axes&) = delete;

    bool failed(bool decay) const { return !axes_ || (decay && !longer_); }
    const Axis<T>& operator[](int64_t i) const { return axes_[i]; }

  private:
    Axis<T>* axes_;
    T* longer_;
};

// Columns [first, first + inputs) of rows [start, start + count) into rows `stride` apart; their ends repeat
// the last number, so that they are harmless. A few rows at a time, so that each cache line is read once.
template <class T>
inline void transpose(const T* from, int64_t row, int64_t start, int64_t count, int64_t first, int64_t inputs,
                      int64_t padded, int64_t stride, T* to) {
    constexpr int64_t few = 16;
    from += start * row + first;
    for (int64_t b = 0; b < count; b += few) {
        const int64_t end = smaller(b + few, count);
        for (int64_t i = 0; i < inputs; ++i)
            for (int64_t c = b; c < end; ++c) to[i * stride + c] = from[c * row + i];
    }
    for (int64_t i = 0; i < inputs; ++i)
        for (int64_t b = count; b < padded; ++b) to[i * stride + b] = to[i * stride + count - 1];
}

// The weights of one input in one tile of outputs, scales and masks multiplied in, short rows filled with zeros.
template <class T>
inline void pack(const Shape& s, const Plan<T>& plan, const Weights<T>& w, int64_t i, Tile tile, T* to) {
    const int64_t width = tile.count * lanes<T>, from = tile.first * lanes<T>;
    const int64_t count = smaller(width, s.out - from);
    const size_t numbers = static_cast<size_t>(count) * sizeof(T);
    memset(to, 0, static_cast<size_t>(plan.rows * width) * sizeof(T));
    const T* __restrict__ mask = w.mask ? w.mask + i * s.out + from : nullptr;
    const T* __restrict__ scale = w.scale ? w.scale + i * s.out + from : nullptr;
    T factor[kMostVectors * lanes<T>];
    for (int64_t o = 0; o < count; ++o) factor[o] = (scale ? scale[o] : 1) * (mask ? mask[o] : 1);
    if (w.base) memcpy(to, w.base + i * w.base_stride + from, numbers);
    for (int64_t o = 0; mask && o < count; ++o) to[o] *= mask[o];
    for (int64_t m = 0; m < s.size; ++m) {
        const T* __restrict__ row = w.coef + i * w.coef_stride + m * s.out + from;
        T* __restrict__ packed = to + (1 + plan.pad + m) * width;
        if (scale || mask)
            for (int64_t o = 0; o < count; ++o) packed[o] = factor[o] * row[o];
        else
            memcpy(packed, row, numbers);
    }
}

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
