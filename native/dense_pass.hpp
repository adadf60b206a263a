// The edges of one layer of a small network by all of its basis functions, zeros too: sums and gradients are then
// products of small matrices with columns of samples, without an address that depends on the data. Its twin is `sums`
// of src/edgewise/edges/reference.py.
#pragma once

#include "layer_state.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// The arithmetic of such a layer on samples [start, start + count). All basis functions are there for one input and
// so few samples at a time that they stay in the first cache; beyond the last sample they are zero, so that whole
// vectors can be added up.
template <class T, int K>
class DensePass : public LayerPass<T, K> {
  public:
    using LayerPass<T, K>::LayerPass;

    // Every edge's values onto the sums; with moments, their sums about a pivot too.
    void forward(bool moments) {
        for (int64_t o = 0; o < l.data.out; ++o) memset(sums(o), 0, static_cast<size_t>(padded_count(count_)) * sizeof(T));
        by_parts([&](int64_t i) {
            scatter_to_dense(i, this->value(i), l.all_values);
            by_outputs([&](int64_t o, auto outputs) {
                moments ? edges<true, outputs.value>(i, o) : edges<false, outputs.value>(i, o);
            });
        });
    }

    // From the gradient of the sums onto those of the packed weights, and that of the inputs into `result`
    // (in, stride) if there is one.
    void backward(bool moments, T* result) {
        if (result) memset(result, 0, static_cast<size_t>(l.data.in * l.stride) * sizeof(T));
        by_parts([&](int64_t i) {
            scatter_to_dense(i, this->value(i), l.all_values);
            if (result) scatter_to_dense(i, this->slope(i), l.all_slopes);
            T* to = result ? result + i * l.stride + part_ : nullptr;
            if (moments) {
                by_outputs([&](int64_t o, auto outputs) {
                    pull_edges<outputs.value>(i, o);
                    add_to_weights<outputs.value>(i, o, l.edge_gradient);
                    if (to) add_to_input(i, o, outputs.value, l.edge_gradient, to);
                });
            } else {
                by_outputs([&](int64_t o, auto outputs) { add_to_weights<outputs.value>(i, o, sum_gradient(o)); });
                if (to) add_to_input(i, 0, l.data.out, sum_gradient(0), to);
            }
        });
    }

  private:
    using LayerPass<T, K>::l;
    using LayerPass<T, K>::start_;
    using LayerPass<T, K>::count_;

    static constexpr int kSums = 8;  // vectors of sums in registers: enough for additions not to wait for each other

    static int64_t padded_count(int64_t count) { return cdiv(count, lanes<T>) * lanes<T>; }
    T* sums(int64_t o) const { return l.sums + o * l.long_stride + start_ + part_; }
    T* sum_gradient(int64_t o) const { return l.sum_gradient + o * l.stride + part_; }

    template <int Value>
    struct Number {
        static constexpr int value = Value;
    };

    // Every input on some samples, then on the next.
    template <class F>
    void by_parts(F run) {
        for (part_ = 0; part_ < count_; part_ += l.part) {
            samples_ = min(l.part, count_ - part_);
            padded_ = padded_count(samples_);
            for (int64_t i = 0; i < l.data.in; ++i) run(i);
        }
        part_ = 0;
    }

    // All outputs, a few at a time.
    template <class F>
    void by_outputs(F run) const {
        int64_t o = 0;
        for (; o + 4 <= l.data.out; o += 4) run(o, Number<4>());
        if (o + 2 <= l.data.out) run(o, Number<2>()), o += 2;
        if (o < l.data.out) run(o, Number<1>());
    }

    // Base and functions that are not zero, (slots, stride), to their rows among all, (rows, part): interval by
    // interval, with a window on the rows that it reaches.
    void scatter_to_dense(int64_t i, const T* from, T* to) const {
        const int last = K >= 0 ? K : l.data.degree, intervals = static_cast<int>(l.rows) - 1 - last;
        const int64_t stride = l.stride, part = l.part;
        const int32_t* first = l.first + i * stride + part_;
        from += part_;
        for (int64_t b = 0; b < padded_; b += lanes<T>) {
            const IntVec<T> place = load_short<T>(first + b);
            Vec<T> near[Basis<T, K>::max_count], window[Basis<T, K>::max_count] = {};
            T* row = to + b;
            store(row, load(from + b));
#pragma GCC unroll 8
            for (int m = 0; m <= last; ++m) near[m] = load(from + (m + 1) * stride + b);
            for (int j = 0; j < intervals; ++j) {
                const IntVec<T> here = place == j;
                store(row += part, here ? near[0] : window[0]);
#pragma GCC unroll 8
                for (int m = 0; m < last; ++m) window[m] = here ? near[m + 1] : window[m + 1];
            }
#pragma GCC unroll 8
            for (int m = 0; m < last; ++m) store(row += part, window[m]);
        }
        for (int64_t row = 0; row < l.rows; ++row)
            for (int64_t b = samples_; b < padded_; ++b) to[row * part + b] = 0;
    }

    // Values of edges (i, o), (i, o + 1), ... at samples [b, b + Vectors * lanes).
    template <int Outputs, int Vectors>
    EDGEWISE_INLINE void edges_at(int64_t i, int64_t o, int64_t b, Vec<T> (&phi)[Outputs][Vectors]) const {
        const int64_t part = l.part, width = l.width, rows = l.rows;
        const T* weight = l.weights + i * rows * width + o;
        const T* value = l.all_values + b;
        for (int j = 0; j < Outputs; ++j)
            for (int v = 0; v < Vectors; ++v) phi[j][v] = Vec<T>{};
        for (int64_t row = 0; row < rows; ++row, weight += width, value += part)
            for (int j = 0; j < Outputs; ++j)
                for (int v = 0; v < Vectors; ++v) phi[j][v] += weight[j] * load(value + v * lanes<T>);
    }

    template <bool Moments, int Outputs>
    void edges(int64_t i, int64_t o) const {
        Vec<T> one[Outputs] = {}, two[Outputs] = {}, pivot[Outputs] = {};
        T *ones = l.mean + i * l.width + o, *twos = l.variance + i * l.width + o, *pivots = l.pivot + i * l.width + o;
        if (Moments && start_ + part_ == 0) {
            Vec<T> phi[Outputs][1];
            edges_at<Outputs, 1>(i, o, 0, phi);
            for (int j = 0; j < Outputs; ++j) pivots[j] = phi[j][0][0], ones[j] = twos[j] = 0;
        }
        for (int j = 0; j < Outputs && Moments; ++j) pivot[j] = broadcast<T>(pivots[j]);
        const auto add = [&](int64_t b, auto vectors) {
            Vec<T> phi[Outputs][vectors.value];
            edges_at<Outputs, vectors.value>(i, o, b, phi);
            for (int j = 0; j < Outputs; ++j)
                for (int v = 0; v < vectors.value; ++v) {
                    T* sum = sums(o + j) + b + v * lanes<T>;
                    store(sum, load(sum) + phi[j][v]);
                    if (!Moments) continue;
                    const Vec<T> off = zero_beyond_batch(b + v * lanes<T>, phi[j][v] - pivot[j]);
                    one[j] += off;
                    two[j] += off * off;
                }
        };
        by_vectors<kSums / Outputs>(add);
        for (int j = 0; j < Outputs && Moments; ++j) ones[j] += sum<T>(one[j]), twos[j] += sum<T>(two[j]);
    }

    // What reaches each edge, that of its moments too, into `edge_gradient`.
    template <int Outputs>
    void pull_edges(int64_t i, int64_t o) const {
        by_vectors<kSums / Outputs>([&](int64_t b, auto vectors) {
            Vec<T> phi[Outputs][vectors.value];
            edges_at<Outputs, vectors.value>(i, o, b, phi);
            for (int j = 0; j < Outputs; ++j) {
                const T pull = l.pull[i * l.width + o + j], mean = l.mean[i * l.width + o + j];
                for (int v = 0; v < vectors.value; ++v) {
                    const int64_t at = b + v * lanes<T>;
                    store(l.edge_gradient + j * l.stride + at,
                          load(sum_gradient(o + j) + at) + pull * (phi[j][v] - mean));
                }
            }
        });
    }

    // The gradients (Outputs, stride) of edges (i, o), ... onto those of their weights.
    template <int Outputs>
    void add_to_weights(int64_t i, int64_t o, const T* gradient) const {
        constexpr int few = Outputs == 4 ? 4 : kSums / Outputs;
        int64_t row = 0;
        for (; row + few <= l.rows; row += few) rows_to_weights<few, Outputs>(i, row, o, gradient);
        for (; row < l.rows; ++row) rows_to_weights<1, Outputs>(i, row, o, gradient);
    }

    template <int Rows, int Outputs>
    void rows_to_weights(int64_t i, int64_t row, int64_t o, const T* gradient) const {
        const int64_t stride = l.stride, part = l.part, padded = padded_;
        const T* value = l.all_values + row * part;
        constexpr int count = Rows * Outputs;
        Vec<T> total[(count + lanes<T> - 1) / lanes<T> * lanes<T>] = {};
        for (int64_t b = 0; b < padded; b += lanes<T>)
            for (int j = 0; j < Outputs; ++j) {
                const Vec<T> g = load(gradient + j * stride + b);
                for (int r = 0; r < Rows; ++r) total[r * Outputs + j] += g * load(value + r * part + b);
            }
        T* to = l.totals + (i * l.rows + row) * l.width + o;
        for (int from = 0; from < count; from += lanes<T>) {
            const Vec<T> sums = sums_of<T>(total + from);
            for (int lane = 0; lane < lanes<T> && from + lane < count; ++lane)
                to[(from + lane) / Outputs * l.width + (from + lane) % Outputs] += sums[lane];
        }
    }

    // The gradients (outputs, stride) of edges (i, o), ... onto that of their input.
    void add_to_input(int64_t i, int64_t o, int64_t outputs, const T* gradient, T* result) const {
        const int64_t stride = l.stride, part = l.part, width = l.width, rows = l.rows;
        by_vectors<4>([&](int64_t b, auto vectors) {
            const T* weight = l.weights + i * rows * width + o;
            const T* slope = l.all_slopes + b;
            Vec<T> along[vectors.value];
            for (int v = 0; v < vectors.value; ++v) along[v] = load(result + b + v * lanes<T>);
            for (int64_t row = 0; row < rows; ++row, weight += width, slope += part) {
                Vec<T> reached[vectors.value] = {};
                const T* g = gradient + b;
                for (int64_t j = 0; j < outputs; ++j, g += stride)
                    for (int v = 0; v < vectors.value; ++v) reached[v] += weight[j] * load(g + v * lanes<T>);
                for (int v = 0; v < vectors.value; ++v) along[v] += reached[v] * load(slope + v * lanes<T>);
            }
            for (int v = 0; v < vectors.value; ++v) store(result + b + v * lanes<T>, along[v]);
        });
    }

    // The block's samples, some vectors of them at a time.
    template <int Vectors, class F>
    EDGEWISE_INLINE void by_vectors(F run) const {
        int64_t b = 0;
        for (; b + Vectors * lanes<T> <= padded_; b += Vectors * lanes<T>) run(b, Number<Vectors>());
        for (; b < padded_; b += lanes<T>) run(b, Number<1>());
    }

    // Zero for what lies beyond the last sample.
    EDGEWISE_INLINE Vec<T> zero_beyond_batch(int64_t b, Vec<T> v) const {
        if (b + lanes<T> > samples_)
            for (int lane = static_cast<int>(samples_ - b); lane < lanes<T>; ++lane) v[lane] = 0;
        return v;
    }

    int64_t part_ = 0, samples_ = 0, padded_ = 0;  // of the block: first sample at work, how many, in whole vectors
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
