// The kernels of one target; this file is compiled once for each.
#include "feature_covariance.hpp"
#include "input_gradient.hpp"
#include "fused_network.hpp"
#include "layer_penalty.hpp"
#include "network_errors.hpp"
#include "program_fits.hpp"
#include "sums.hpp"
#include "weight_gradient.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// The degrees that are met in practice have code of their own.
template <class T, template <class, int> class Kernel, class... Rest>
inline bool by_degree(const Shape& s, Rest... rest) {
    switch (s.degree) {
        case 1: return Kernel<T, 1>::run(s, rest...);
        case 2: return Kernel<T, 2>::run(s, rest...);
        case 3: return Kernel<T, 3>::run(s, rest...);
        case 5: return Kernel<T, 5>::run(s, rest...);
        default: return Kernel<T, -1>::run(s, rest...);
    }
}

template <class T>
bool sums(const Shape& s, const T* x, const T* factor, const T* knots, const Weights<T>& w, T* result) {
    return by_degree<T, Sums, const T*, const T*, const T*, const Weights<T>&, T*>(s, x, factor, knots, w, result);
}

template <class T>
bool input_gradient(const Shape& s, const T* x, const T* grad, const T* knots, const Weights<T>& w, T* result) {
    return by_degree<T, InputGradient, const T*, const T*, const T*, const Weights<T>&, T*>(s, x, grad, knots, w,
                                                                                            result);
}

template <class T>
bool weight_gradient(const Shape& s, const T* x, const T* factor, const T* grad, const T* knots,
                     const Weights<T>& w, const WeightGradients<T>& result) {
    return by_degree<T, WeightGradient, const T*, const T*, const T*, const T*, const Weights<T>&,
                     const WeightGradients<T>&, T*>(s, x, factor, grad, knots, w, result, nullptr);
}

// In one go where outputs are few, as what is found out about the samples then weighs most. Where they are many, two
// kernels have more registers each, and are faster.
template <class T>
bool gradients(const Shape& s, const T* x, const T* grad, const T* knots, const Weights<T>& w,
               const WeightGradients<T>& result, T* dx) {
    const bool weights = result.coef || result.base || result.scale;
    if (weights && dx && s.out <= lanes<T>)
        return by_degree<T, BothGradients, const T*, const T*, const T*, const T*, const Weights<T>&,
                         const WeightGradients<T>&, T*>(s, x, nullptr, grad, knots, w, result, dx);
    Shape slope = s;
    slope.order = 1;
    return (!weights || weight_gradient<T>(s, x, nullptr, grad, knots, w, result)) &&
           (!dx || input_gradient<T>(slope, x, grad, knots, w, dx));
}

// Cubic splines have code of their own.
template <class T>
bool covariance(const Shape& s, const T* x, const T* knots, T* mean, T* result) {
    return s.degree == 3 ? FeatureCovariance<T, 3>::run(s, x, knots, mean, result)
                         : FeatureCovariance<T, -1>::run(s, x, knots, mean, result);
}

template <class T>
bool covariance_gradient(const Shape& s, const T* x, const T* pull, const T* shift, const T* knots, T* result) {
    return s.degree == 3 ? FeatureCovariance<T, 3>::gradient(s, x, pull, shift, knots, result)
                         : FeatureCovariance<T, -1>::gradient(s, x, pull, shift, knots, result);
}

template <class T>
int64_t penalty_numbers(const Shape& s, const PenaltyWeights& p) {
    return KeptPenalty<T>(nullptr, s, p.magnitude).numbers;
}

template <class T>
void penalty_sum_gradient(const Shape& s, const PenaltyWeights& p, T* kept, const T* grad, T* result) {
    LayerPenalty<T, -1>::add_to_sums(s, p, kept, grad, result);
}

template <class T>
bool penalty(const Shape& s, const T* x, const T* sums, const T* knots, const Weights<T>& w, const PenaltyWeights& p,
             T* kept, double* value) {
    return s.degree == 3 ? LayerPenalty<T, 3>::run(s, x, sums, knots, w, p, kept, value)
                         : LayerPenalty<T, -1>::run(s, x, sums, knots, w, p, kept, value);
}

template <class T>
bool penalty_gradient(const Shape& s, const T* x, const T* knots, const Weights<T>& w, const PenaltyWeights& p, T* kept,
                      const WeightGradients<T>& result, T* dx) {
    return s.degree == 3 ? LayerPenalty<T, 3>::gradient(s, x, knots, w, p, kept, result, dx)
                         : LayerPenalty<T, -1>::gradient(s, x, knots, w, p, kept, result, dx);
}

template <class T>
constexpr Kernels<T> kernels() {
    return {sums<T>,       input_gradient<T>,      weight_gradient<T>, gradients<T>,        covariance<T>,
            covariance_gradient<T>, penalty_numbers<T>, penalty<T>, penalty_sum_gradient<T>, penalty_gradient<T>,
            make_network<T>, release_network<T>, minimise<T>};
}

#define EDGEWISE_TEXT_OF(name) #name
#define EDGEWISE_TEXT(name) EDGEWISE_TEXT_OF(name)

extern const Target table;
const Target table = {EDGEWISE_TEXT(EDGEWISE_TARGET), kernels<float>(), kernels<double>(), {fit_programs}};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
