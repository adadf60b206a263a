// The penalty of a layer: from moments of its edges, gathered on the way forward, so that no value of a single edge
// is ever in memory. See src/edgewise/train/objective/penalty.py, whose constants are
// these.
#pragma once

#include "layer_state.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

constexpr double kSmooth = 1e-4;
constexpr double kLeastInput = 0.1;
constexpr double kLeastTotal = 1e-12;
constexpr double kLeastShare = 1e-4;

template <class T>
class Sparsity {
  public:
    Sparsity(const LayerState<T>& layer, int64_t samples) : l(layer), d(layer.data), batch(samples) {}

    // Moments of a layer's edges, once all samples have gone through.
    void finish_moments() const {
        const T share = 1 / static_cast<T>(batch);
        for (int64_t one = 0; one < l.data.in * l.width; ++one) {
            const T mean = l.mean[one] * share, variance = l.variance[one] * share - mean * mean;
            l.mean[one] = l.pivot[one] + mean;
            // An edge without spread has slopes of 1e12 where all its layer has none: rounding must not meet them.
            const T noise = 4 * Rounding<T>::unit * l.mean[one];
            l.variance[one] = variance > noise * noise ? variance : 0;
        }
    }

    // Those of its inputs or its sums, for the magnitudes that ask for them; the inputs are the nodes of the layer
    // below, or `inputs` where there is none.
    void finish_moments_beside(const LayerState<T>* below, const T* inputs, int magnitude) const {
        for (int64_t i = 0; magnitude == kGain && i < l.data.in; ++i)
            moments_of(below ? below->nodes + i * below->long_stride : inputs + i * l.points_stride, l.input_mean[i],
                       l.input_variance[i]);
        for (int64_t o = 0; magnitude == kShare && o < l.data.out; ++o)
            moments_of(l.sums + o * l.long_stride, l.sum_mean[o], l.sum_variance[o]);
    }

    // Value of a layer's penalty; leaves in `pull` what a unit of deviation from the mean adds to a gradient.
    double value(const PenaltyWeights& p) const {
        const double smooth = kSmooth * kSmooth;
        double total = 0, sizes = 0;
        for (int64_t i = 0; i < d.in; ++i)
            for (int64_t o = 0; o < d.out; ++o) sizes += size_of(p, i, o);
        const double whole = sizes + kLeastTotal;
        double entropy = 0, weighted = 0;
        for (int64_t i = 0; i < d.in; ++i)
            for (int64_t o = 0; o < d.out; ++o) {
                const double share = size_of(p, i, o) / whole;
                entropy -= share * __builtin_log(share + kLeastShare);
                weighted += share * entropy_slope(share);
            }
        total = p.l1 * sizes + p.entropy * entropy;
        for (int64_t i = 0; i < d.in; ++i) l.input_pull[i] = 0;
        for (int64_t o = 0; o < d.out; ++o) l.sum_pull[o] = 0;
        const double each = 2 * p.lamb / static_cast<double>(batch);
        for (int64_t i = 0; i < d.in; ++i) {
            const double input = deviation(l.input_variance[i]);
            for (int64_t o = 0; o < d.out; ++o) {
                const double size = size_of(p, i, o), edge = l.variance[i * l.width + o];
                const double slope = p.l1 + p.entropy * (entropy_slope(size / whole) - weighted) / whole;
                double by_edge = edge > 0 ? 0.5 / __builtin_sqrt(edge + smooth) : 0.0;
                if (p.magnitude == kGain) {
                    by_edge /= input + kLeastInput;
                    l.input_pull[i] -= static_cast<T>(each * slope * size / (input + kLeastInput) * 0.5 /
                                                      __builtin_sqrt(l.input_variance[i] + smooth));
                } else if (p.magnitude == kShare) {
                    by_edge /= __builtin_sqrt(l.sum_variance[o] + smooth);
                    l.sum_pull[o] -= static_cast<T>(each * slope * size * 0.5 / (l.sum_variance[o] + smooth));
                }
                l.pull[i * l.width + o] = static_cast<T>(each * slope * by_edge);
            }
        }
        return total + coefficient_terms(p);
    }

    // What a unit of a sum, or of an input, adds to the gradients of a block.
    void pull_sums(int64_t start, int64_t count) const {
        for (int64_t o = 0; o < l.data.out; ++o) {
            const T pull = l.sum_pull[o], mean = l.sum_mean[o];
            if (pull == 0) continue;
            T* to = l.sum_gradient + o * l.stride;
            const T* sums = l.sums + o * l.long_stride + start;
            for (int64_t b = 0; b < count; ++b) to[b] += pull * (sums[b] - mean);
        }
    }

    void pull_inputs(T* result, int64_t count) const {
        for (int64_t i = 0; i < l.data.in; ++i) {
            const T pull = l.input_pull[i], mean = l.input_mean[i];
            if (pull == 0) continue;
            for (int64_t b = 0; b < count; ++b) result[i * l.stride + b] += pull * (l.points[i * l.points_stride + b] - mean);
        }
    }

    // What the penalty's terms of the coefficients add to the gradients of an input's packed weights.
    void add_coefficient_terms(int64_t i, const PenaltyWeights& p, T* totals) const {
        const T size = static_cast<T>(p.lamb * p.coef / static_cast<double>(d.out));
        const T step = static_cast<T>(p.lamb * p.coefdiff / static_cast<double>(d.out));
        const T* weights = l.weights + (i * l.rows + 1 + l.pad) * l.width;
        totals += (1 + l.pad) * l.width;
        for (int64_t m = 0; m < d.size; ++m)
            for (int64_t o = 0; o < d.out; ++o) {
                const T here = weights[m * l.width + o];
                totals[m * l.width + o] += size * sign(here);
                if (m == 0) continue;
                const T way = step * sign(here - weights[(m - 1) * l.width + o]);
                totals[m * l.width + o] += way;
                totals[(m - 1) * l.width + o] -= way;
            }
    }

  private:
    void moments_of(const T* numbers, T& mean, T& variance) const {
        const T share = 1 / static_cast<T>(batch), first = numbers[0];
        mean = first + share * total(numbers, [first](T number) { return number - first; });
        const T middle = mean;
        variance = share * total(numbers, [middle](T number) { return (number - middle) * (number - middle); });
    }

    // A sum over the samples; several at a time, since each addition waits for the one before.
    template <class F>
    T total(const T* numbers, F of) const {
        constexpr int ways = 16;
        T part[ways] = {};
        int64_t b = 0;
        for (; b + ways <= batch; b += ways)
            for (int way = 0; way < ways; ++way) part[way] += of(numbers[b + way]);
        for (; b < batch; ++b) part[0] += of(numbers[b]);
        for (int half = ways / 2; half > 0; half /= 2)
            for (int way = 0; way < half; ++way) part[way] += part[way + half];
        return part[0];
    }

    static T sign(T value) { return static_cast<T>(value > 0) - static_cast<T>(value < 0); }
    static double deviation(double variance) { return __builtin_sqrt(variance + kSmooth * kSmooth) - kSmooth; }
    static double entropy_slope(double share) { return -(__builtin_log(share + kLeastShare) + share / (share + kLeastShare)); }

    double size_of(const PenaltyWeights& p, int64_t i, int64_t o) const {
        const double size = deviation(l.variance[i * l.width + o]);
        if (p.magnitude == kGain) return size / (deviation(l.input_variance[i]) + kLeastInput);
        if (p.magnitude == kShare) return size / __builtin_sqrt(l.sum_variance[o] + kSmooth * kSmooth);
        return size;
    }

    double coefficient_terms(const PenaltyWeights& p) const {
        if (!(p.coef > 0 || p.coefdiff > 0)) return 0;
        double sizes = 0, steps = 0;
        for (int64_t i = 0; i < d.in; ++i) {
            const T* weights = l.weights + (i * l.rows + 1 + l.pad) * l.width;
            for (int64_t m = 0; m < d.size; ++m)
                for (int64_t o = 0; o < d.out; ++o) {
                    sizes += magnitude(weights[m * l.width + o]);
                    if (m) steps += magnitude(weights[m * l.width + o] - weights[(m - 1) * l.width + o]);
                }
        }
        return (p.coef * sizes + p.coefdiff * steps) / static_cast<double>(d.out);
    }

    const LayerState<T>& l;
    const LayerData<T>& d;
    int64_t batch;
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
