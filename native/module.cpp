// The border to Python: addresses and sizes come in, nothing is kept. The caller has checked types, shapes and
// contiguity; src/edgewise/edges/native.py is that caller.
#include <nanobind/nanobind.h>

#include "layerwise_network.hpp"
#include "fused_handle.hpp"
#include "program_handle.hpp"

using namespace edgewise;

namespace {

// Weights of a layer: packed (in, 1 + size, out) or apart, told by strides.
template <class T>
struct BoundLayer {
    Shape shape;
    const T* knots;
    Weights<T> weights;

    BoundLayer(nb::tuple sizes, uintptr_t knots_at, uintptr_t coef, uintptr_t base, uintptr_t scale, uintptr_t mask,
          int64_t coef_stride, int64_t base_stride, int order, int64_t batch, int threads)
        : shape{batch,
                nb::cast<int64_t>(sizes[0]),
                nb::cast<int64_t>(sizes[1]),
                nb::cast<int64_t>(sizes[2]),
                nb::cast<int>(sizes[3]),
                nb::cast<int>(sizes[4]),
                nb::cast<int>(sizes[5]),
                order,
                threads},
          knots(at<T>(knots_at)),
          weights{at<T>(coef), at<T>(base), at<T>(scale), coef_stride, base_stride, at<T>(mask)} {}
};

template <class T>
void bind(nb::module_& m, const char* type) {
    nb::class_<BoundLayer<T>>(m, type)
        .def(nb::init<nb::tuple, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, int64_t, int64_t, int,
                      int64_t, int>())
        .def(
            "sums",
            [](const BoundLayer<T>& b, uintptr_t x, uintptr_t factor, uintptr_t result) {
                check(kernels<T>().sums(b.shape, at<T>(x), at<T>(factor), b.knots, b.weights, at<T>(result)));
            },
            nb::call_guard<nb::gil_scoped_release>())
        .def(
            "input_gradient",
            [](const BoundLayer<T>& b, uintptr_t x, uintptr_t grad, uintptr_t result) {
                check(kernels<T>().input_gradient(b.shape, at<T>(x), at<T>(grad), b.knots, b.weights, at<T>(result)));
            },
            nb::call_guard<nb::gil_scoped_release>())
        .def(
            "weight_gradient",
            [](const BoundLayer<T>& b, uintptr_t x, uintptr_t factor, uintptr_t grad, uintptr_t coef, uintptr_t base,
               uintptr_t scale, int64_t coef_stride, int64_t base_stride) {
                const WeightGradients<T> result = {at<T>(coef), at<T>(base), at<T>(scale), coef_stride, base_stride};
                check(kernels<T>().weight_gradient(b.shape, at<T>(x), at<T>(factor), at<T>(grad), b.knots, b.weights,
                                                   result));
            },
            nb::call_guard<nb::gil_scoped_release>())
        .def(
            "covariance",
            [](const BoundLayer<T>& b, uintptr_t x, uintptr_t mean, uintptr_t result) {
                check(kernels<T>().covariance(b.shape, at<T>(x), b.knots, at<T>(mean), at<T>(result)));
            },
            nb::call_guard<nb::gil_scoped_release>())
        .def(
            "covariance_gradient",
            [](const BoundLayer<T>& b, uintptr_t x, uintptr_t pull, uintptr_t shift, uintptr_t result) {
                check(kernels<T>().covariance_gradient(b.shape, at<T>(x), at<T>(pull), at<T>(shift), b.knots,
                                                       at<T>(result)));
            },
            nb::call_guard<nb::gil_scoped_release>());
}

template <class T>
void bind_fused(nb::module_& m, const char* type) {
    nb::class_<FusedHandle<T>>(m, type)
        .def(nb::init<int64_t, nb::list>())
        .def("set_inputs", &FusedHandle<T>::set_inputs)
        .def("forward", &FusedHandle<T>::forward, nb::call_guard<nb::gil_scoped_release>())
        .def("backward", &FusedHandle<T>::backward, nb::call_guard<nb::gil_scoped_release>())
        .def("forward_with_penalty", &FusedHandle<T>::forward_with_penalty)
        .def("backward_with_penalty", &FusedHandle<T>::backward_with_penalty, nb::call_guard<nb::gil_scoped_release>())
        .def("set_loss", &FusedHandle<T>::set_loss, nb::arg("target"), nb::arg("weights"), nb::arg("scale"),
             nb::arg("shift"), nb::arg("weight"), nb::arg("penalty").none())
        .def("objective", &FusedHandle<T>::objective)
        .def("lbfgs", &FusedHandle<T>::lbfgs)
        .def("set_squares", &FusedHandle<T>::set_squares)
        .def("levenberg_marquardt", &FusedHandle<T>::levenberg_marquardt);
}

template <class T>
void bind_layerwise(nb::module_& m, const char* type) {
    nb::class_<LayerwiseNetwork<T>>(m, type)
        .def(nb::init<int64_t, nb::list, int>())
        .def("forward", &LayerwiseNetwork<T>::forward)
        .def("backward", &LayerwiseNetwork<T>::backward)
        .def("set_penalty", &LayerwiseNetwork<T>::set_penalty)
        .def("forward_with_penalty", &LayerwiseNetwork<T>::forward_with_penalty)
        .def("backward_with_penalty", &LayerwiseNetwork<T>::backward_with_penalty);
}

}  // namespace

NB_MODULE(_native, m) {
    nb::set_leak_warnings(false);  // a graph may outlive the interpreter's last collection
    bind<float>(m, "LayerF32");
    bind<double>(m, "LayerF64");
    bind_fused<float>(m, "FusedNetworkF32");
    bind_fused<double>(m, "FusedNetworkF64");
    bind_layerwise<float>(m, "LayerwiseNetworkF32");
    bind_layerwise<double>(m, "LayerwiseNetworkF64");
    m.def("fit_programs", &fit_programs);
    m.def("target", [] { return target().name; });
    m.def("use_target", [](const char* name) { return use_target(name); });
    m.attr("MAX_DEGREE") = kMaxDegree;
    m.attr("MAX_ORDER") = kMaxOrder;
}
