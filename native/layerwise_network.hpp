// A network of larger layers, whose nodes are sums, kernel after kernel: what its layers see is kept by the caller.
// Its twin in plain torch is Network.forward, stage by stage (src/edgewise/network/network.py).
#pragma once

#include "pool.hpp"
#include "fused_handle.hpp"

namespace edgewise {

// A block of numbers, not initialised.
template <class T>
class Buffer {
  public:
    explicit Buffer(int64_t count) : start_(static_cast<T*>(acquire_block(sizeof(T) * static_cast<size_t>(count)))) {
        check(start_);
    }
    ~Buffer() { release_block(start_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    T* get() const { return start_; }

  private:
    T* start_;
};

template <class T>
class LayerwiseNetwork {
  public:
    LayerwiseNetwork(int64_t batch, nb::list layers, int threads) : batch_(batch), threads_(threads) {
        std::vector<int64_t> no_arities;
        for (nb::handle handle : layers) layers_.push_back(layer_of<T>(nb::cast<nb::tuple>(handle), no_arities));
        for (const LayerData<T>& d : layers_) maps_.push_back(map_of(d));
    }

    // `values`: the samples, then where each layer's outputs go.
    void forward(nb::tuple values) const { run(addresses(values), nullptr); }

    // Which penalty is meant from now on; the count of numbers that it keeps for the pass backward.
    int64_t set_penalty(nb::tuple penalty) {
        penalty_ = penalty_of(1, penalty);
        int64_t numbers = 0;
        for (size_t layer = 0; layer < layers_.size(); ++layer) numbers += kept(layer);
        return numbers;
    }

    // As `forward`; the penalty without its weight, and what it keeps.
    double forward_with_penalty(nb::tuple values, uintptr_t memory) const { return run(addresses(values), at<T>(memory)); }

    // `values`: what each layer saw. `results`: where the gradients of coefficients and base of each layer
    // go, one after the other; 0 for those, and for the samples' own, that are not wanted.
    void backward(nb::tuple values, uintptr_t grad, nb::tuple results, uintptr_t dx) const {
        run_back(addresses(values), at<T>(grad), addresses(results), at<T>(dx), nullptr, 0);
    }

    // The same from the gradients of the outputs and, as a number, of the penalty.
    void backward_with_penalty(nb::tuple values, uintptr_t grad, double weight, uintptr_t memory, nb::tuple results,
                               uintptr_t dx) const {
        run_back(addresses(values), at<T>(grad), addresses(results), at<T>(dx), at<T>(memory), weight);
    }

  private:
    // What the nodes do to the sums.
    struct Map {
        bool plain;
        std::vector<T> scale, shift;
    };

    // Memory of the penalty is null where there is none.
    double run(const std::vector<T*>& rows, T* memory) const {
        nb::gil_scoped_release free;
        double penalty = 0;
        for (size_t at = 0; at < layers_.size(); ++at) {
            check(kernels<T>().sums(shape(at), rows[at], nullptr, layers_[at].knots, weights(at), rows[at + 1]));
            if (memory) {
                double own = 0;
                check(kernels<T>().penalty(shape(at), rows[at], rows[at + 1], layers_[at].knots, weights(at), penalty_,
                                           memory, &own));
                penalty += own;
                memory += kept(at);
            }
            if (maps_[at].plain) continue;
            const int64_t out = layers_[at].out;
            const T *scale = maps_[at].scale.data(), *shift = maps_[at].shift.data();
            for (int64_t b = 0; b < batch_; ++b)
                for (int64_t o = 0; o < out; ++o) {
                    T& number = rows[at + 1][b * out + o];
                    number = shift[o] + scale[o] * number;
                }
        }
        return penalty;
    }

    void run_back(const std::vector<T*>& rows, const T* here, const std::vector<T*>& places, T* dx, T* memory,
                  double weight) const {
        nb::gil_scoped_release free;
        PenaltyWeights penalty = penalty_;
        penalty.lamb = weight;
        for (size_t layer = 0; memory && layer < layers_.size(); ++layer) memory += kept(layer);
        int64_t widest = 0;
        for (const LayerData<T>& d : layers_) widest = std::max({widest, d.in, d.out});
        const Buffer<T> one(batch_ * widest), two(batch_ * widest), scaled(batch_ * widest);
        T* spaces[] = {one.get(), two.get()};
        for (size_t at_layer = layers_.size(); at_layer-- > 0;) {
            const LayerData<T>& d = layers_[at_layer];
            here = through_map(at_layer, here, scaled.get());
            if (memory) memory -= kept(at_layer);
            if (memory && penalty.magnitude == kShare) {
                kernels<T>().penalty_sum_gradient(shape(at_layer), penalty, memory, here, scaled.get());
                here = scaled.get();
            }
            T* to = at_layer ? spaces[at_layer % 2] : dx;
            T* const* place = places.data() + 2 * at_layer;
            const WeightGradients<T> result = {place[0], place[1], nullptr, d.size * d.out, d.out};
            check(kernels<T>().gradients(shape(at_layer), rows[at_layer], here, d.knots, weights(at_layer), result, to));
            if (memory)
                check(kernels<T>().penalty_gradient(shape(at_layer), rows[at_layer], d.knots, weights(at_layer), penalty,
                                                    memory, result, to));
            here = to;
        }
    }

    static Map map_of(const LayerData<T>& d) {
        Map map = {true, {}, {}};
        for (int64_t o = 0; o < d.out; ++o) {
            map.scale.push_back(d.node_scale[o] * d.subnode_scale[o]);
            map.shift.push_back(d.node_bias[o] + d.node_scale[o] * d.subnode_bias[o]);
            map.plain = map.plain && map.scale.back() == 1 && map.shift.back() == 0;
        }
        return map;
    }

    static std::vector<T*> addresses(nb::tuple values) {
        std::vector<T*> found;
        for (nb::handle value : values) found.push_back(at<T>(nb::cast<uintptr_t>(value)));
        return found;
    }

    const T* through_map(size_t layer, const T* grad, T* space) const {
        if (maps_[layer].plain) return grad;
        const int64_t out = layers_[layer].out;
        const T* scale = maps_[layer].scale.data();
        for (int64_t b = 0; b < batch_; ++b)
            for (int64_t o = 0; o < out; ++o) space[b * out + o] = scale[o] * grad[b * out + o];
        return space;
    }

    int64_t kept(size_t layer) const { return kernels<T>().penalty_numbers(shape(layer), penalty_); }

    Shape shape(size_t layer) const {
        const LayerData<T>& d = layers_[layer];
        const int64_t work = batch_ * d.in * (d.out + 4) * (d.degree + 2);
        const int threads = static_cast<int>(std::min<int64_t>(threads_, 1 + work / kMinWorkPerThread));
        return {batch_, d.in, d.out, d.size, d.degree, d.base, d.extrapolation, 0, threads};
    }

    Weights<T> weights(size_t layer) const {
        const LayerData<T>& d = layers_[layer];
        return {d.coef, d.scale_base, nullptr, d.size * d.out, d.out, d.mask};
    }

    static constexpr int64_t kMinWorkPerThread = 1 << 17;  // multiply-adds below which waking a thread costs more

    int64_t batch_;
    int threads_;
    std::vector<LayerData<T>> layers_;
    std::vector<Map> maps_;
    PenaltyWeights penalty_ = {};
};

}  // namespace edgewise
