// The border to Python: addresses and sizes come in, nothing is kept. The caller has checked types, shapes and
// contiguity; src/edgewise/edges/native.py is that caller.
#include <nanobind/nanobind.h>

#include "chain.hpp"
#include "run.hpp"

using namespace edgewise;

namespace {

// Weights of a layer: packed (in, 1 + size, out) or apart, told by strides.
template <class T>
struct Given {
    Shape shape;
    const T* knots;
    Weights<T> weights;

    Given(nb::tuple sizes, uintptr_t knots_at, uintptr_t coef, uintptr_t base, uintptr_t scale, uintptr_t mask,
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
    nb::class_<Given<T>>(m, type)
        .def(nb::init<nb::tuple, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, int64_t, int64_t, int, int64_t, int>())
        .def(
            "sums",
            [](const Given<T>& g, uintptr_t x, uintptr_t factor, uintptr_t result) {
                check(kernels<T>().sums(g.shape, at<T>(x), at<T>(factor), g.knots, g.weights, at<T>(result)));
            },
            nb::call_guard<nb::gil_scoped_release>())
        .def(
            "input_gradient",
            [](const Given<T>& g, uintptr_t x, uintptr_t grad, uintptr_t result) {
                check(kernels<T>().input_gradient(g.shape, at<T>(x), at<T>(grad), g.knots, g.weights, at<T>(result)));
            },
            nb::call_guard<nb::gil_scoped_release>())
        .def(
            "weight_gradient",
            [](const Given<T>& g, uintptr_t x, uintptr_t factor, uintptr_t grad, uintptr_t coef, uintptr_t base,
               uintptr_t scale, int64_t coef_stride, int64_t base_stride) {
                const WeightGradients<T> result = {at<T>(coef), at<T>(base), at<T>(scale), coef_stride, base_stride};
                check(kernels<T>().weight_gradient(g.shape, at<T>(x), at<T>(factor), at<T>(grad), g.knots, g.weights,
                                                   result));
            },
            nb::call_guard<nb::gil_scoped_release>());
}

template <class T>
void bind_network(nb::module_& m, const char* type) {
    nb::class_<Run<T>>(m, type)
        .def(nb::init<int64_t, nb::list>())
        .def("inputs", &Run<T>::inputs)
        .def("forward", &Run<T>::forward, nb::call_guard<nb::gil_scoped_release>())
        .def("backward", &Run<T>::backward, nb::call_guard<nb::gil_scoped_release>())
        .def("judge_by", &Run<T>::judge_by, nb::arg("target"), nb::arg("weights"), nb::arg("scale"),
             nb::arg("shift"), nb::arg("penalty").none())
        .def("objective", &Run<T>::objective)
        .def("descend", &Run<T>::descend);
}

template <class T>
void bind_chain(nb::module_& m, const char* type) {
    nb::class_<Chain<T>>(m, type)
        .def(nb::init<int64_t, nb::list, int>())
        .def("forward", &Chain<T>::forward)
        .def("backward", &Chain<T>::backward);
}

}  // namespace

NB_MODULE(_native, m) {
    nb::set_leak_warnings(false);  // a graph may outlive the interpreter's last collection
    bind<float>(m, "Single");
    bind<double>(m, "Double");
    bind_network<float>(m, "NetworkSingle");
    bind_network<double>(m, "NetworkDouble");
    bind_chain<float>(m, "ChainSingle");
    bind_chain<double>(m, "ChainDouble");
    m.def("target", [] { return target().name; });
    m.def("use_target", [](const char* name) { return use_target(name); });
    m.attr("MAX_DEGREE") = kMaxDegree;
    m.attr("MAX_ORDER") = kMaxOrder;
}
