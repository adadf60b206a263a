// The sparsity penalty of a larger layer, with its gradient: from the covariances of the features, so that no value of
// a single edge is ever in memory. Its twin in plain torch is `Penalty.layer` of
// src/edgewise/train/objective/penalty.py; small networks have their penalty in sparsity.hpp.
#pragma once

#include "feature_covariance.hpp"
#include "sparsity.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// What a layer's penalty keeps for its gradient, in one piece of memory; without memory it counts the numbers.
// Rows of edges are filled with zeros up to whole vectors of every target.
template <class T>
struct KeptPenalty {
    int64_t width, numbers = 0;
    T *mean, *covariance;                           // (in, 1 + size), (in, 1 + size, 1 + size): of the features
    T* pull;                                        // (in, width): slopes by the variances of the edges
    T *input_mean, *input_pull;                     // (in): variances, then what they add to a unit from the mean
    T *sum_mean, *sum_pull;                         // (out): likewise
    T* centred;                                     // (batch, out): sums less their means, for magnitudes that ask

    KeptPenalty(T* memory, const Shape& s, int magnitude) : width((s.out + 15) / 16 * 16) {
        const int64_t features = 1 + s.size;
        const auto take = [&](int64_t count) { return memory ? memory + (numbers += count) - count : (numbers += count, memory); };
        mean = take(s.in * features);
        covariance = take(s.in * features * features);
        pull = take(s.in * width);
        input_mean = take(s.in), input_pull = take(s.in);
        sum_mean = take(s.out), sum_pull = take(s.out);
        centred = take(magnitude == kShare ? s.batch * s.out : 0);
    }
};

template <class T, int K>
class LayerPenalty {
  public:
    // The value, without `lamb`; what the gradient needs goes to `memory`.
    static bool run(const Shape& s, const T* x, const T* sums, const T* knots, const Weights<T>& w,
                    const PenaltyWeights& p, T* memory, double* value) {
        const KeptPenalty<T> kept(memory, s, p.magnitude);
        if (!FeatureCovariance<T, K>::run(s, x, knots, kept.mean, kept.covariance)) return false;
        const int64_t edges = s.in * kept.width;
        Scratch scratch(Scratch::bytes<double>(max(s.in, s.out)) + 2 * Scratch::bytes<T>(edges) +
                        Scratch::bytes<T>(kept.width) + Scratch::bytes<T>(s.in));
        if (scratch.failed()) return false;
        double* numbers = scratch.take<double>(max(s.in, s.out));
        const Edges to = {scratch.take<T>(edges), scratch.take<T>(edges), scratch.take<T>(s.in), scratch.take<T>(kept.width)};
        unit_sizes(s, x, sums, p, kept, numbers, to);
        if (!sizes(s, w, p, kept, to, numbers)) return false;
        double terms = 0;
        for (int64_t i = 0; i < s.in; ++i) terms += numbers[i];
        *value = terms + slopes(s, p, kept, to);
        return true;
    }

    // The gradient of the sums (`grad`, which may be `result`) with p.lamb times that of the penalty.
    static void add_to_sums(const Shape& s, const PenaltyWeights& p, T* memory, const T* grad, T* result) {
        const KeptPenalty<T> kept(memory, s, p.magnitude);
        for (int64_t o = 0; o < s.out; ++o) kept.sum_mean[o] = static_cast<T>(p.lamb) * kept.sum_pull[o];
        for (int64_t b = 0; b < s.batch; ++b)
            for (int64_t o = 0; o < s.out; ++o) {
                const int64_t at = b * s.out + o;
                result[at] = grad[at] + kept.sum_mean[o] * kept.centred[at];
            }
    }

    // Adds p.lamb times the gradients to those of the weights, and of the inputs; null pointers are left out.
    static bool gradient(const Shape& s, const T* x, const T* knots, const Weights<T>& w, const PenaltyWeights& p,
                         T* memory, const WeightGradients<T>& result, T* dx) {
        const KeptPenalty<T> kept(memory, s, p.magnitude);
        const int64_t features = 1 + s.size, squares = dx ? s.in * features * features : 0;
        Scratch scratch(Scratch::bytes<T>(squares) + Scratch::bytes<T>(dx ? s.in * features : 0) +
                        Scratch::bytes<T>(dx ? s.batch * s.in : 0));
        if (scratch.failed()) return false;
        T* pull = scratch.take<T>(squares);
        T* shift = scratch.take<T>(dx ? s.in * features : 0);
        T* along = scratch.take<T>(dx ? s.batch * s.in : 0);
        bool ok = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : ok)
        {
            Scratch own(2 * Scratch::bytes<T>(features * kept.width) + Scratch::bytes<T>(kept.width));
            ok = !own.failed();
            const Rows rows = {own.take<T>(features * kept.width), own.take<T>(features * kept.width),
                               own.take<T>(kept.width)};
#pragma omp for schedule(static)
            for (int64_t i = 0; i < s.in; ++i) {
                if (!ok) continue;
                read_weights(s, w, i, kept.width, rows.weights);
                const T* to_edges = kept.pull + i * kept.width;
                for (int64_t o = 0; o < kept.width; ++o) rows.line[o] = static_cast<T>(p.lamb) * to_edges[o];
                if (dx) pull_covariance(s, kept, i, rows, pull + i * features * features, shift + i * features);
                if (result.coef || result.base) pull_weights(s, w, p, kept, i, rows, result);
            }
        }
        if (!ok || !dx) return ok;
        if (!FeatureCovariance<T, K>::gradient(s, x, pull, shift, knots, along)) return false;
        for (int64_t n = 0; n < s.batch * s.in; ++n) dx[n] += along[n];
        if (p.magnitude == kGain) add_deviations(s, static_cast<T>(p.lamb), kept.input_pull, x, kept.input_mean, dx);
        return true;
    }

  private:
    // Of one input: (features, width) weights, masks multiplied in, and as many numbers of the gradient.
    struct Rows {
        T *weights, *gradient, *line;
    };

    // Of all edges: their sizes and the slopes of the entropy by these, (in, width); what the deviations of an input's
    // edges, and of an output's, are multiplied with.
    struct Edges {
        T *sizes, *entropy, *by_input, *by_output;
    };

    static constexpr T smooth = static_cast<T>(kSmooth * kSmooth);

    // What the variances of the inputs add to these.
    static void add_deviations(const Shape& s, T weight, const T* pull, const T* x, const T* mean, T* to) {
        for (int64_t b = 0; b < s.batch; ++b)
            for (int64_t i = 0; i < s.in; ++i) to[b * s.in + i] += weight * pull[i] * (x[b * s.in + i] - mean[i]);
    }

    // Means and variances of columns; sums in double.
    static void moments(const T* numbers, int64_t rows, int64_t columns, double* totals, T* mean, T* variance) {
        const double share = 1 / static_cast<double>(max(rows, 1));
        for (int64_t c = 0; c < columns; ++c) totals[c] = 0;
        for (int64_t b = 0; b < rows; ++b)
            for (int64_t c = 0; c < columns; ++c) totals[c] += static_cast<double>(numbers[b * columns + c]);
        for (int64_t c = 0; c < columns; ++c) mean[c] = static_cast<T>(totals[c] * share), totals[c] = 0;
        for (int64_t b = 0; b < rows; ++b)
            for (int64_t c = 0; c < columns; ++c) {
                const double far = static_cast<double>(numbers[b * columns + c]) - static_cast<double>(mean[c]);
                totals[c] += far * far;
            }
        for (int64_t c = 0; c < columns; ++c) variance[c] = static_cast<T>(totals[c] * share);
    }

    static void read_weights(const Shape& s, const Weights<T>& w, int64_t i, int64_t width, T* to) {
        const T* mask = w.mask + i * s.out;
        for (int64_t a = 0; a <= s.size; ++a) {
            const T* from = a ? w.coef + i * w.coef_stride + (a - 1) * s.out : w.base + i * w.base_stride;
            T* row = to + a * width;
            for (int64_t o = 0; o < s.out; ++o) row[o] = mask[o] * from[o];
            for (int64_t o = s.out; o < width; ++o) row[o] = 0;
        }
    }

    static double root(T variance) { return __builtin_sqrt(static_cast<double>(variance) + kSmooth * kSmooth); }

    // The factors of `Edges`, by the magnitude.
    static void unit_sizes(const Shape& s, const T* x, const T* sums, const PenaltyWeights& p, const KeptPenalty<T>& kept,
                           double* numbers, const Edges& to) {
        for (int64_t i = 0; i < s.in; ++i) to.by_input[i] = 1;
        for (int64_t o = 0; o < kept.width; ++o) to.by_output[o] = 1;
        if (p.magnitude == kGain) {
            moments(x, s.batch, s.in, numbers, kept.input_mean, kept.input_pull);
            for (int64_t i = 0; i < s.in; ++i)
                to.by_input[i] = static_cast<T>(1 / (root(kept.input_pull[i]) - kSmooth + kLeastInput));
        }
        if (p.magnitude != kShare) return;
        moments(sums, s.batch, s.out, numbers, kept.sum_mean, kept.sum_pull);
        for (int64_t o = 0; o < s.out; ++o) to.by_output[o] = static_cast<T>(1 / root(kept.sum_pull[o]));
        for (int64_t b = 0; b < s.batch; ++b)
            for (int64_t o = 0; o < s.out; ++o) kept.centred[b * s.out + o] = sums[b * s.out + o] - kept.sum_mean[o];
    }

    // Sizes of the edges from their variances w . C w, and into `pull` the slopes by these; terms of the coefficients by
    // input into `terms`.
    static bool sizes(const Shape& s, const Weights<T>& w, const PenaltyWeights& p, const KeptPenalty<T>& kept,
                      const Edges& to, double* terms) {
        const int64_t features = 1 + s.size;
        bool ok = true;
#pragma omp parallel num_threads(s.threads) if (s.threads > 1) reduction(&& : ok)
        {
            Scratch own(Scratch::bytes<T>(features * kept.width));
            ok = !own.failed();
            T* weights = own.take<T>(features * kept.width);
#pragma omp for schedule(static)
            for (int64_t i = 0; i < s.in; ++i) {
                if (!ok) continue;
                read_weights(s, w, i, kept.width, weights);
                const T* covariance = kept.covariance + i * features * features;
                for (int64_t o = 0; o < kept.width; o += lanes<T>) {
                    const Vec<T> variance = edge_variances(features, covariance, weights + o, kept.width);
                    const Vec<T> unit = to.by_input[i] * load(to.by_output + o);
                    const Vec<T> inverse = inverse_root_of<T>(variance + smooth);
                    const Vec<T> deviation = variance / ((variance + smooth) * inverse + static_cast<T>(kSmooth));
                    store(to.sizes + i * kept.width + o, unit * deviation);
                    store(kept.pull + i * kept.width + o, variance > 0 ? unit * inverse / 2 : Vec<T>{});
                }
                terms[i] = p.coef > 0 || p.coefdiff > 0 ? sizes_of(s, p, weights, kept.width) : 0;
            }
        }
        return ok;
    }

    static Vec<T> edge_variances(int64_t features, const T* covariance, const T* weights, int64_t width) {
        Vec<T> total = {};
        for (int64_t a = 0; a < features; ++a) {
            const T* row = covariance + a * features;
            const Vec<T> own = load(weights + a * width);
            Vec<T> spread = row[a] / 2 * own;
            for (int64_t c = a + 1; c < features; ++c) spread += row[c] * load(weights + c * width);
            total += own * spread;
        }
        return total > 0 ? 2 * total : Vec<T>{};
    }

    static double sizes_of(const Shape& s, const PenaltyWeights& p, const T* weights, int64_t width) {
        double sizes = 0, steps = 0;
        for (int64_t a = 1; a <= s.size; ++a)
            for (int64_t o = 0; o < s.out; ++o) {
                const T here = weights[a * width + o];
                sizes += static_cast<double>(here < 0 ? -here : here);
                const T step = a > 1 ? here - weights[(a - 1) * width + o] : 0;
                steps += static_cast<double>(step < 0 ? -step : step);
            }
        return (p.coef * sizes + p.coefdiff * steps) / static_cast<double>(s.out);
    }

    // Terms of the sizes; slopes by the variances of edges, inputs and sums take the places of what was there.
    static double slopes(const Shape& s, const PenaltyWeights& p, const KeptPenalty<T>& kept, const Edges& edges) {
        double total = 0, entropy = 0, weighted = 0;
        for (int64_t i = 0; i < s.in; ++i) {
            Vec<T> row = {};
            for (int64_t o = 0; o < kept.width; o += lanes<T>) row += load(edges.sizes + i * kept.width + o);
            total += static_cast<double>(sum<T>(row));
        }
        const T share = static_cast<T>(1 / (total + kLeastTotal)), least = static_cast<T>(kLeastShare);
        for (int64_t i = 0; i < s.in && p.entropy > 0; ++i) {
            Vec<T> own = {}, slope = {};
            for (int64_t o = i * kept.width; o < (i + 1) * kept.width; o += lanes<T>) {
                const Vec<T> part = share * load(edges.sizes + o), logarithm = log_of<T>(part + least);
                const Vec<T> by_part = logarithm + part / (part + least);
                store(edges.entropy + o, by_part);
                own += part * logarithm;
                slope += part * by_part;
            }
            entropy -= static_cast<double>(sum<T>(own));
            weighted -= static_cast<double>(sum<T>(slope));
        }
        const double each = p.entropy / (total + kLeastTotal);
        pull_edges(s, p, kept, edges, static_cast<T>(p.l1 - each * weighted), static_cast<T>(each));
        return p.l1 * total + p.entropy * entropy;
    }

    // The slope by a size is flat - each * (its number in `entropy`).
    static void pull_edges(const Shape& s, const PenaltyWeights& p, const KeptPenalty<T>& kept, const Edges& edges, T flat,
                           T each) {
        T* by_sum = edges.by_output;
        memset(by_sum, 0, static_cast<size_t>(kept.width) * sizeof(T));
        const double batch = static_cast<double>(max(s.batch, 1));
        for (int64_t i = 0; i < s.in; ++i) {
            Vec<T> total = {};
            for (int64_t o = 0; o < kept.width; o += lanes<T>) {
                const int64_t at = i * kept.width + o;
                Vec<T> slope = broadcast<T>(flat);
                if (each > 0) slope -= each * load(edges.entropy + at);
                store(kept.pull + at, slope * load(kept.pull + at));
                const Vec<T> along = slope * load(edges.sizes + at);
                total += along;
                store(by_sum + o, load(by_sum + o) + along);
            }
            if (p.magnitude == kGain)
                kept.input_pull[i] = -static_cast<T>(1 / (root(kept.input_pull[i]) * batch)) * edges.by_input[i] * sum<T>(total);
        }
        for (int64_t o = 0; o < s.out && p.magnitude == kShare; ++o) {
            const double deviation = root(kept.sum_pull[o]);
            kept.sum_pull[o] = -by_sum[o] * static_cast<T>(1 / (deviation * deviation * batch));
        }
    }

    // From `line`, the pull on each edge's variance, to that on the covariances of input i, as their gradient takes it.
    static void pull_covariance(const Shape& s, const KeptPenalty<T>& kept, int64_t i, const Rows& rows, T* pull, T* shift) {
        const int64_t features = 1 + s.size, width = kept.width;
        const T scale = 2 / static_cast<T>(max(s.batch, 1));
        for (int64_t a = 0; a < features; ++a)
            for (int64_t o = 0; o < width; o += lanes<T>)
                store(rows.gradient + a * width + o, scale * load(rows.line + o) * load(rows.weights + a * width + o));
        for (int64_t a = 0; a < features; ++a)
            for (int64_t c = a; c < features; ++c) {
                Vec<T> total = {};
                for (int64_t o = 0; o < width; o += lanes<T>)
                    total += load(rows.gradient + a * width + o) * load(rows.weights + c * width + o);
                pull[a * features + c] = pull[c * features + a] = sum<T>(total);
            }
        const T* mean = kept.mean + i * features;
        for (int64_t a = 0; a < features; ++a) {
            shift[a] = 0;
            for (int64_t c = 0; c < features; ++c) shift[a] += pull[a * features + c] * mean[c];
        }
    }

    // The same to the weights of input i.
    static void pull_weights(const Shape& s, const Weights<T>& w, const PenaltyWeights& p, const KeptPenalty<T>& kept,
                             int64_t i, const Rows& rows, const WeightGradients<T>& result) {
        const int64_t features = 1 + s.size, width = kept.width;
        for (int64_t a = result.base ? 0 : 1; a < features; ++a) {
            const T* row = kept.covariance + (i * features + a) * features;
            for (int64_t o = 0; o < width; o += lanes<T>) {
                Vec<T> spread = {};
                for (int64_t c = 0; c < features; ++c) spread += row[c] * load(rows.weights + c * width + o);
                store(rows.gradient + a * width + o, 2 * load(rows.line + o) * spread);
            }
        }
        if (p.coef > 0 || p.coefdiff > 0) pull_sizes(s, p, width, rows);
        const T* mask = w.mask + i * s.out;
        for (int64_t a = 0; a < features; ++a) {
            T* to = a ? result.coef : result.base;
            if (!to) continue;
            to += a ? i * result.coef_stride + (a - 1) * s.out : i * result.base_stride;
            for (int64_t o = 0; o < s.out; ++o) to[o] += mask[o] * rows.gradient[a * width + o];
        }
    }

    static void pull_sizes(const Shape& s, const PenaltyWeights& p, int64_t width, const Rows& rows) {
        const T size = static_cast<T>(p.lamb * p.coef / static_cast<double>(s.out));
        const T step = static_cast<T>(p.lamb * p.coefdiff / static_cast<double>(s.out));
        const auto sign = [](T value) { return static_cast<T>(value > 0) - static_cast<T>(value < 0); };
        for (int64_t a = 1; a <= s.size; ++a)
            for (int64_t o = 0; o < s.out; ++o) {
                const T here = rows.weights[a * width + o];
                rows.gradient[a * width + o] += size * sign(here);
                if (a == 1) continue;
                const T way = step * sign(here - rows.weights[(a - 1) * width + o]);
                rows.gradient[a * width + o] += way;
                rows.gradient[(a - 1) * width + o] -= way;
            }
    }
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
