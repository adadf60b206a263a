// A fused network as Python holds it: where its parameters and gradients lie, its loss, and L-BFGS and
// Levenberg-Marquardt on it without going back to Python.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/tuple.h>

#include <string.h>

#include <new>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "dispatch.hpp"
#include "lbfgs.hpp"

namespace edgewise {

namespace nb = nanobind;

template <class T>
T* at(uintptr_t address) {
    return reinterpret_cast<T*>(address);
}

inline void check(bool ok) {
    if (!ok) throw std::bad_alloc();
}

template <class T>
const Kernels<T>& kernels();
template <>
inline const Kernels<float>& kernels<float>() {
    return target().f32;
}
template <>
inline const Kernels<double>& kernels<double>() {
    return target().f64;
}

// A layer as Python tells of it: sizes, kind, nodes, and the addresses of its numbers.
template <class T>
LayerData<T> layer_of(nb::tuple t, std::vector<int64_t>& arities) {
    LayerData<T> d = {};
    d.in = nb::cast<int64_t>(t[0]);
    d.out = nb::cast<int64_t>(t[1]);
    d.size = nb::cast<int64_t>(t[2]);
    d.degree = nb::cast<int>(t[3]);
    d.base = nb::cast<int>(t[4]);
    d.extrapolation = nb::cast<int>(t[5]);
    d.sums = nb::cast<int64_t>(t[6]);
    for (nb::handle factor : nb::cast<nb::tuple>(t[7])) arities.push_back(nb::cast<int64_t>(factor));
    d.products = static_cast<int64_t>(arities.size());
    nb::tuple places = nb::cast<nb::tuple>(t[8]);
    const T** pointers[] = {&d.knots,         &d.mask,         &d.coef,       &d.scale_base,
                            &d.subnode_scale, &d.subnode_bias, &d.node_scale, &d.node_bias};
    for (size_t one = 0; one < 8; ++one) {
        *pointers[one] = at<T>(nb::cast<uintptr_t>(places[one]));
        if (!*pointers[one]) throw std::invalid_argument("a tensor of the layer has no memory");
    }
    return d;
}

// Weights of a penalty as Python tells of them, to be multiplied by `lamb`.
inline PenaltyWeights penalty_of(double lamb, nb::tuple numbers) {
    const auto [l1, entropy, coef, coefdiff, magnitude] = nb::cast<std::tuple<double, double, double, double, int>>(numbers);
    return {lamb, l1, entropy, coef, coefdiff, magnitude};
}

inline LmSettings lm_settings_of(nb::tuple t) {
    const auto [iterations, gradient, change, scale, monotone, geodesic, decrease] =
        nb::cast<std::tuple<int64_t, double, double, double, bool, double, double>>(t);
    return {iterations, gradient, change, scale, monotone, geodesic, decrease};
}

// A fused network and where its gradients lie in one flat vector.
template <class T>
class FusedHandle {
  public:
    FusedHandle(int64_t batch, nb::list layers) : batch_(batch) {
        for (nb::handle handle : layers) add(nb::cast<nb::tuple>(handle));
        for (size_t at = 0; at < layers_.size(); ++at) layers_[at].arities = arities_[at].data();
        table_ = &kernels<T>();
        network_ = table_->make_network(batch, layers_.data(), static_cast<int64_t>(layers_.size()));
        check(network_ && network_->ok());
        outputs_ = layers_.back().sums + layers_.back().products;
        grad_.resize(static_cast<size_t>(batch * outputs_));
    }
    ~FusedHandle() { table_->release_network(network_); }
    FusedHandle(const FusedHandle&) = delete;
    FusedHandle& operator=(const FusedHandle&) = delete;

    void set_inputs(uintptr_t x, bool slopes) {
        network_->set_inputs(at<T>(x), slopes);
        check(network_->ok());
    }

    void forward(uintptr_t result, bool slopes) {
        memcpy(at<T>(result), network_->forward(slopes, false), sizeof(T) * grad_.size());
    }

    void backward(uintptr_t grad, uintptr_t flat, uintptr_t dx) {
        point_gradients_at(at<T>(flat));
        network_->backward(at<T>(grad), false, nullptr, results_.data(), at<T>(dx));
    }

    // The outputs and, as a number, the penalty without its weight.
    double forward_with_penalty(uintptr_t result, bool slopes, nb::tuple penalty) {
        penalty_ = penalty_of(1, penalty);
        nb::gil_scoped_release free;
        memcpy(at<T>(result), network_->forward(slopes, true), sizeof(T) * grad_.size());
        return network_->penalty(penalty_);
    }

    // Gradients from those of the outputs and of the penalty.
    void backward_with_penalty(uintptr_t grad, double weight, uintptr_t flat, uintptr_t dx) {
        point_gradients_at(at<T>(flat));
        penalty_.lamb = weight;
        network_->penalty(penalty_);
        network_->backward(at<T>(grad), true, &penalty_, results_.data(), at<T>(dx));
    }

    // What is minimised: the mean square error of scale * output + shift (null: the output itself), by sample
    // weights that sum to one (null: equal ones), plus the weighted penalty if there is one.
    void set_loss(uintptr_t target, uintptr_t weights, uintptr_t scale, uintptr_t shift, double weight,
                  nb::object penalty) {
        target_ = at<T>(target);
        weights_ = at<T>(weights);
        scale_ = at<T>(scale);
        shift_ = at<T>(shift);
        penalised_ = !penalty.is_none();
        if (!penalised_) return;
        penalty_ = penalty_of(weight, nb::cast<nb::tuple>(penalty));
    }

    // The objective, the loss and the penalty; the gradient goes to `flat`.
    nb::tuple objective(uintptr_t flat) {
        Value value;
        {
            nb::gil_scoped_release free;
            value = evaluate(at<T>(flat));
        }
        return nb::make_tuple(value.objective, value.loss, value.penalty);
    }

    // Iterations of L-BFGS, see train/step/fused.py; what is at the addresses is overwritten by what was reached.
    nb::tuple lbfgs(nb::tuple settings, nb::tuple pairs, double value, int64_t size, uintptr_t probe, uintptr_t x,
                      uintptr_t gradient) {
        const auto [iterations, tolerance, first, decrease, curvature, evaluations] =
            nb::cast<std::tuple<int64_t, double, double, double, double, int64_t>>(settings);
        const auto [history, added, vectors, inverse, along, overlap] =
            nb::cast<std::tuple<int64_t, int64_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t>>(pairs);
        const auto function = [this](T* result) { return evaluate(result); };
        Lbfgs<T, decltype(function)> solver(
            function, {iterations, tolerance, first, decrease, curvature, evaluations},
            {history, added, at<T>(vectors), at<double>(inverse), at<double>(along), at<double>(overlap)}, size,
            at<T>(probe), at<T>(x), at<T>(gradient));
        Value end;
        {
            nb::gil_scoped_release free;
            end = solver.run({value, 0, 0});
        }
        return nb::make_tuple(end.objective, end.loss, end.penalty, solver.added(), solver.iterations,
                              solver.evaluations, static_cast<int>(solver.status));
    }

    // Errors as a sum of squares, see train/step/fused_squares.py: the targets, what each error is multiplied with, the
    // flat parameters that the layers read; rows of roughness A, and R and A' A of them.
    void set_squares(uintptr_t target, uintptr_t factor, uintptr_t parameters, int64_t columns, nb::tuple rough) {
        const auto [rows, entries, places, values, triangle, gram] =
            nb::cast<std::tuple<int64_t, int64_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t>>(rough);
        columns_.clear();
        for (const std::vector<int64_t>& o : offsets_) columns_.push_back({o[0], o[1], o[2], o[3], o[4], o[5]});
        squares_ = {network_, columns_.data(), at<T>(parameters), at<T>(target), at<double>(factor), batch_ * outputs_,
                    columns, rows, entries, at<int64_t>(places), at<double>(values), at<double>(triangle), at<double>(gram)};
    }

    // Iterations of Levenberg-Marquardt; the vectors at the addresses (residuals, parameters, scale) are overwritten by
    // those of the state reached.
    nb::tuple levenberg_marquardt(nb::tuple settings, nb::tuple vectors, bool has_scale, nb::tuple numbers) {
        const auto [residual, x, scale] = nb::cast<std::tuple<uintptr_t, uintptr_t, uintptr_t>>(vectors);
        const auto [value, damping, growth] = nb::cast<std::tuple<double, double, double>>(numbers);
        LmState state = {at<double>(residual), at<double>(x), at<double>(scale), has_scale, value, damping, growth, 0, 0,
                         LmStatus::kRunning};
        const LmSettings how = lm_settings_of(settings);
        {
            nb::gil_scoped_release free;
            check(table_->minimise(squares_, how, state));
        }
        return nb::make_tuple(state.value, state.damping, state.growth, state.has_scale, state.iterations,
                              state.evaluations, static_cast<int>(state.status));
    }

  private:
    Value evaluate(T* gradient) {
        const double loss = mean_square(network_->forward(true, penalised_));
        const double sparsity = penalised_ ? network_->penalty(penalty_) : 0;
        point_gradients_at(gradient);
        network_->backward(grad_.data(), penalised_, penalised_ ? &penalty_ : nullptr, results_.data(), nullptr);
        return {loss + penalty_.lamb * sparsity, loss, sparsity};
    }

    void add(nb::tuple t) {
        arities_.emplace_back();
        layers_.push_back(layer_of<T>(t, arities_.back()));
        std::vector<int64_t> offsets;
        for (nb::handle offset : nb::cast<nb::tuple>(t[9])) offsets.push_back(nb::cast<int64_t>(offset));
        offsets_.push_back(offsets);
        results_.push_back({});
    }

    void point_gradients_at(T* flat) {
        for (size_t layer = 0; layer < layers_.size(); ++layer) {
            LayerGradients<T>& r = results_[layer];
            T** pointers[] = {&r.coef,         &r.scale_base, &r.subnode_scale,
                              &r.subnode_bias, &r.node_scale, &r.node_bias};
            for (size_t one = 0; one < 6; ++one) {
                const int64_t offset = offsets_[layer][one];
                *pointers[one] = offset < 0 ? nullptr : flat + offset;
            }
        }
    }

    double mean_square(const T* output) {
        const double even = 1.0 / static_cast<double>(batch_ * outputs_), each = 1.0 / static_cast<double>(outputs_);
        double total = 0;
        for (int64_t b = 0; b < batch_; ++b) {
            const double share = weights_ ? static_cast<double>(weights_[b]) * each : even;
            for (int64_t o = 0; o < outputs_; ++o) {
                const int64_t here = b * outputs_ + o;
                const double unit = scale_ ? static_cast<double>(scale_[o]) : 1.0;
                const double miss = unit * static_cast<double>(output[here]) +
                                    (shift_ ? static_cast<double>(shift_[o]) : 0.0) - static_cast<double>(target_[here]);
                total += share * miss * miss;
                grad_[static_cast<size_t>(here)] = static_cast<T>(2 * share * unit * miss);
            }
        }
        return total;
    }

    int64_t batch_, outputs_ = 0;
    std::vector<LayerData<T>> layers_;
    std::vector<std::vector<int64_t>> arities_, offsets_;
    std::vector<LayerGradients<T>> results_;
    std::vector<T> grad_;
    const Kernels<T>* table_ = nullptr;
    Network<T>* network_ = nullptr;
    const T *target_ = nullptr, *weights_ = nullptr, *scale_ = nullptr, *shift_ = nullptr;
    bool penalised_ = false;
    PenaltyWeights penalty_ = {};
    std::vector<LayerColumns> columns_;
    NetworkSquares<T> squares_ = {};
};

}  // namespace edgewise
