// What the kernels are given: shapes, pointers, and the table of functions that each target fills.
#pragma once

#include <stdint.h>

#include "least_squares.hpp"
#include "program.hpp"

namespace edgewise {

enum Base : int { kSilu = 0, kIdentity = 1, kZero = 2 };
enum Extrapolation : int { kLinear = 0, kConstant = 1, kDecay = 2, kPeriodic = 3 };

constexpr int kMaxDegree = 15;
constexpr int kMaxOrder = 15;

// Sizes and kind of a layer's edges. Tensors are dense and row-major: x (batch, in), knots
// (in, size + degree + 1), coef (in, size, out), base and scale (in, out).
struct Shape {
    int64_t batch, in, out, size;
    int degree, base, extrapolation, order, threads;
};

// phi_io = mask_io (base_io b + scale_io sum_m coef_imo B_im); null for a base of zero, or a scale or mask of
// one. The strides are numbers between the rows of two inputs.
template <class T>
struct Weights {
    const T *coef, *base, *scale;
    int64_t coef_stride, base_stride;
    const T* mask;
};

template <class T>
struct WeightGradients {
    T *coef, *base, *scale;
    int64_t coef_stride, base_stride;
};

enum Magnitude : int { kDeviation = 0, kGain = 1, kShare = 2 };

// A layer of a network: edges, then sums, products (of so many factors each) and affine maps.
template <class T>
struct LayerData {
    int64_t in, out, size;
    int degree, base, extrapolation;
    int64_t sums, products;
    const int64_t* arities;
    const T *knots, *coef, *scale_base, *mask;
    const T *subnode_scale, *subnode_bias, *node_scale, *node_bias;
};

// Where gradients go; null where none is wanted.
template <class T>
struct LayerGradients {
    T *coef, *scale_base, *subnode_scale, *subnode_bias, *node_scale, *node_bias;
};

// Which columns of a Jacobian belong to the numbers of each parameter: the first of them; -1 for none.
struct LayerColumns {
    int64_t coef, scale_base, subnode_scale, subnode_bias, node_scale, node_bias;
};

// See src/edgewise/train/objective/penalty.py.
struct PenaltyWeights {
    double lamb, l1, entropy, coef, coefdiff;
    int magnitude;
};

// A fused network on one batch of samples; parameters are read anew by each `forward`.
template <class T>
class Network {
  public:
    virtual ~Network() {}
    virtual bool ok() const = 0;
    // The samples (batch, in); with slopes if their gradient will be asked for.
    virtual void set_inputs(const T* x, bool slopes) = 0;
    // The outputs (batch, out), valid until the next call; with what a backward pass, or a penalty, needs.
    virtual const T* forward(bool slopes, bool moments) = 0;
    // The penalty without its weight `lamb`; after a forward pass with moments.
    virtual double penalty(const PenaltyWeights& weights) = 0;
    // Gradients of everything from that of the outputs; with those of the penalty, times `lamb`, after it.
    virtual void backward(const T* grad, bool moments, const PenaltyWeights* weights,
                          const LayerGradients<T>* results, T* dx) = 0;
    // Derivatives of the outputs (batch, out), one after the other, each times its factor, in tiles: see least_squares.hpp.
    virtual void jacobian(const LayerColumns* places, int64_t columns, const double* factor, double* tiles) = 0;
};

// The errors of a network as a sum of squares, and rows that are linear in the parameters: `entries` numbers each, in
// columns of their own. See src/edgewise/train/objective/residuals.py.
template <class T>
struct NetworkSquares {
    Network<T>* network;
    const LayerColumns* places;
    T* parameters;         // where the network reads them
    const T* target;       // (batch, out)
    const double* factor;  // (batch, out): what each error is multiplied with
    int64_t rows, columns;
    int64_t linear_rows, entries;
    const int64_t* linear_columns;
    const double *linear_values, *triangle, *gram;
};

// Nothing is kept between calls of all but the functions of networks. False: not enough memory.
template <class T>
struct Kernels {
    // S[b, o] = sum_i f[b, i] phi_io^(order)(x[b, i]); f may be null, for ones.
    bool (*sums)(const Shape&, const T* x, const T* factor, const T* knots, const Weights<T>&, T* result);
    // D[b, i] = sum_o g[b, o] phi_io^(order)(x[b, i])
    bool (*input_gradient)(const Shape&, const T* x, const T* grad, const T* knots, const Weights<T>&,
                           T* result);
    // Gradients of the weights under sum_bo g[b, o] S[b, o]; null pointers are left out.
    bool (*weight_gradient)(const Shape&, const T* x, const T* factor, const T* grad, const T* knots,
                            const Weights<T>&, const WeightGradients<T>& result);
    // The weights' gradients and `dx`, either of which may be left out, for order 0 and no factor.
    bool (*gradients)(const Shape&, const T* x, const T* grad, const T* knots, const Weights<T>&,
                      const WeightGradients<T>& result, T* dx);
    // Covariances (in, 1 + size, 1 + size) of the features over the samples, and their means (in, 1 + size).
    bool (*covariance)(const Shape&, const T* x, const T* knots, T* mean, T* result);
    // What reaches x from a gradient of the covariances, folded into `pull` and `shift`: see feature_covariance.hpp.
    bool (*covariance_gradient)(const Shape&, const T* x, const T* pull, const T* shift, const T* knots, T* result);
    // How many numbers a layer's penalty keeps for its gradient: see layer_penalty.hpp.
    int64_t (*penalty_numbers)(const Shape&, const PenaltyWeights&);
    // The penalty, without `lamb`, and what it keeps.
    bool (*penalty)(const Shape&, const T* x, const T* sums, const T* knots, const Weights<T>&, const PenaltyWeights&,
                    T* kept, double* value);
    // The gradient of the sums, in the same place or another, with that of the penalty, times `lamb`, where it has one.
    void (*penalty_sum_gradient)(const Shape&, const PenaltyWeights&, T* kept, const T* grad, T* result);
    // Adds its gradients, times `lamb`, to those of the weights and of x; null pointers are left out.
    bool (*penalty_gradient)(const Shape&, const T* x, const T* knots, const Weights<T>&, const PenaltyWeights&, T* kept,
                             const WeightGradients<T>& result, T* dx);
    // A network to be released by `release_network`; null: not enough memory.
    Network<T>* (*make_network)(int64_t batch, const LayerData<T>* layers, int64_t count);
    void (*release_network)(Network<T>*);
    // Iterations of Levenberg-Marquardt.
    bool (*minimise)(const NetworkSquares<T>&, const LmSettings&, LmState&);
};

// Kernels of formulas.
struct ProgramKernels {
    // Fits programs to the same samples, several at once. False: not enough memory.
    bool (*fit)(ProgramFit* fits, int64_t count, const ProgramSamples&, const LmSettings&, double damping, int threads);
};

struct Target {
    const char* name;
    Kernels<float> f32;
    Kernels<double> f64;
    ProgramKernels programs;
};

}  // namespace edgewise
