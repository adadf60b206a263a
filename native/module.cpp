// The border to Python: addresses and sizes come in, nothing is kept. The caller has checked types, shapes and
// contiguity; src/edgewise/edges/native.py is that caller.
#include <nanobind/nanobind.h>

#include <string.h>

#include <new>
#include <vector>

#include "dispatch.hpp"

namespace nb = nanobind;
using namespace edgewise;

namespace {

template <class T>
T* at(uintptr_t address) {
    return reinterpret_cast<T*>(address);
}

void check(bool fine) {
    if (!fine) throw std::bad_alloc();
}

template <class T>
const Kernels<T>& kernels();
template <>
const Kernels<float>& kernels<float>() {
    return target().single;
}
template <>
const Kernels<double>& kernels<double>() {
    return target().twofold;
}

// Weights of a layer: packed (in, 1 + size, out) or apart, told by strides.
template <class T>
struct Given {
    Shape shape;
    const T* knots;
    Weights<T> weights;

    Given(nb::tuple sizes, uintptr_t knots_at, uintptr_t coef, uintptr_t base, uintptr_t scale, int64_t coef_stride,
          int64_t base_stride, int order, int64_t batch, int threads)
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
          weights{at<T>(coef), at<T>(base), at<T>(scale), coef_stride, base_stride} {}
};

template <class T>
void bind(nb::module_& m, const char* type) {
    nb::class_<Given<T>>(m, type)
        .def(nb::init<nb::tuple, uintptr_t, uintptr_t, uintptr_t, uintptr_t, int64_t, int64_t, int, int64_t, int>())
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

// A small network and where its gradients lie in one flat vector.
template <class T>
class Run {
  public:
    Run(int64_t batch, nb::list layers) : batch_(batch) {
        for (nb::handle handle : layers) add(nb::cast<nb::tuple>(handle));
        for (size_t at = 0; at < layers_.size(); ++at) layers_[at].arities = arities_[at].data();
        table_ = &kernels<T>();
        network_ = table_->make_network(batch, layers_.data(), static_cast<int64_t>(layers_.size()));
        check(network_ && network_->fine());
        outputs_ = layers_.back().sums + layers_.back().products;
        grad_.resize(static_cast<size_t>(batch * outputs_));
    }
    ~Run() { table_->release_network(network_); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    void inputs(uintptr_t x, bool slopes) {
        network_->inputs(at<T>(x), slopes);
        check(network_->fine());
    }

    void forward(uintptr_t result, bool slopes) {
        memcpy(at<T>(result), network_->forward(slopes, false), sizeof(T) * grad_.size());
    }

    void backward(uintptr_t grad, uintptr_t flat, uintptr_t dx) {
        aim(at<T>(flat));
        network_->backward(at<T>(grad), false, nullptr, results_.data(), at<T>(dx));
    }

    // Mean square error of scale * output + shift (null: the output itself), by sample weights that sum to
    // one (null: equal ones), plus the weighted penalty; the gradient goes to `flat`.
    nb::tuple objective(uintptr_t target, uintptr_t weights, uintptr_t scale, uintptr_t shift, nb::object penalty,
                        uintptr_t flat) {
        const bool moments = !penalty.is_none();
        PenaltyWeights p = {};
        if (moments) {
            nb::tuple given = nb::cast<nb::tuple>(penalty);
            p = {nb::cast<double>(given[0]), nb::cast<double>(given[1]), nb::cast<double>(given[2]),
                 nb::cast<double>(given[3]), nb::cast<double>(given[4]), nb::cast<int>(given[5])};
        }
        double loss = 0, sparsity = 0;
        {
            nb::gil_scoped_release free;
            const T* output = network_->forward(true, moments);
            loss = mean_square(output, at<T>(target), at<T>(weights), at<T>(scale), at<T>(shift));
            if (moments) sparsity = network_->penalty(p);
            aim(at<T>(flat));
            network_->backward(grad_.data(), moments, moments ? &p : nullptr, results_.data(), nullptr);
        }
        return nb::make_tuple(loss + p.lamb * sparsity, loss, sparsity);
    }

  private:
    void add(nb::tuple t) {
        LayerData<T> d = {};
        d.in = nb::cast<int64_t>(t[0]);
        d.out = nb::cast<int64_t>(t[1]);
        d.size = nb::cast<int64_t>(t[2]);
        d.degree = nb::cast<int>(t[3]);
        d.base = nb::cast<int>(t[4]);
        d.extrapolation = nb::cast<int>(t[5]);
        d.sums = nb::cast<int64_t>(t[6]);
        std::vector<int64_t> arities;
        for (nb::handle factor : nb::cast<nb::tuple>(t[7])) arities.push_back(nb::cast<int64_t>(factor));
        d.products = static_cast<int64_t>(arities.size());
        arities_.push_back(arities);
        nb::tuple places = nb::cast<nb::tuple>(t[8]);
        const T** pointers[] = {&d.knots,        &d.mask,       &d.coef,      &d.scale_base, &d.scale_spline,
                                &d.subnode_scale, &d.subnode_bias, &d.node_scale, &d.node_bias};
        for (size_t one = 0; one < 9; ++one) *pointers[one] = at<T>(nb::cast<uintptr_t>(places[one]));
        layers_.push_back(d);
        std::vector<int64_t> offsets;
        for (nb::handle offset : nb::cast<nb::tuple>(t[9])) offsets.push_back(nb::cast<int64_t>(offset));
        offsets_.push_back(offsets);
        results_.push_back({});
    }

    void aim(T* flat) {
        for (size_t layer = 0; layer < layers_.size(); ++layer) {
            LayerGradients<T>& r = results_[layer];
            T** pointers[] = {&r.coef,         &r.scale_base, &r.scale_spline, &r.subnode_scale,
                              &r.subnode_bias, &r.node_scale, &r.node_bias};
            for (size_t one = 0; one < 7; ++one) {
                const int64_t offset = offsets_[layer][one];
                *pointers[one] = offset < 0 ? nullptr : flat + offset;
            }
        }
    }

    double mean_square(const T* output, const T* target, const T* weights, const T* scale, const T* shift) {
        double total = 0;
        for (int64_t b = 0; b < batch_; ++b) {
            const double share = (weights ? static_cast<double>(weights[b]) : 1.0 / static_cast<double>(batch_)) /
                                 static_cast<double>(outputs_);
            for (int64_t o = 0; o < outputs_; ++o) {
                const int64_t here = b * outputs_ + o;
                const double unit = scale ? static_cast<double>(scale[o]) : 1.0;
                const double miss = unit * static_cast<double>(output[here]) +
                                    (shift ? static_cast<double>(shift[o]) : 0.0) - static_cast<double>(target[here]);
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
};

template <class T>
void bind_network(nb::module_& m, const char* type) {
    nb::class_<Run<T>>(m, type)
        .def(nb::init<int64_t, nb::list>())
        .def("inputs", &Run<T>::inputs)
        .def("forward", &Run<T>::forward, nb::call_guard<nb::gil_scoped_release>())
        .def("backward", &Run<T>::backward, nb::call_guard<nb::gil_scoped_release>())
        .def("objective", &Run<T>::objective, nb::arg("target"), nb::arg("weights"), nb::arg("scale"),
             nb::arg("shift"), nb::arg("penalty").none(), nb::arg("flat"));
}

}  // namespace

NB_MODULE(_native, m) {
    nb::set_leak_warnings(false);  // a graph may outlive the interpreter's last collection
    bind<float>(m, "Single");
    bind<double>(m, "Double");
    bind_network<float>(m, "NetworkSingle");
    bind_network<double>(m, "NetworkDouble");
    m.def("target", [] { return target().name; });
    m.def("use_target", [](const char* name) { return use_target(name); });
    m.attr("MAX_DEGREE") = kMaxDegree;
    m.attr("MAX_ORDER") = kMaxOrder;
}
