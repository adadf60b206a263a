// What the kernels are given: shapes, pointers, and the table of functions that each target fills.
#pragma once

#include <stdint.h>

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

// phi_io = base_io b + scale_io sum_m coef_imo B_im; null for a base of zero, or a scale of one.
// The strides are numbers between the rows of two inputs.
template <class T>
struct Weights {
    const T *coef, *base, *scale;
    int64_t coef_stride, base_stride;
};

template <class T>
struct WeightGradients {
    T *coef, *base, *scale;
    int64_t coef_stride, base_stride;
};

// Nothing is kept between calls. False: not enough memory.
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
};

struct Target {
    const char* name;
    Kernels<float> single;
    Kernels<double> twofold;
};

}  // namespace edgewise
