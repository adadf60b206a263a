// Fits of programs as Python asks for them.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/tuple.h>

#include <vector>

#include "fused_handle.hpp"

namespace edgewise {

// Sizes of a program (constants, columns, numbers, steps, result), addresses of its numbers, steps and of what varies;
// how many starts there are, and the addresses of these and of the results.
inline ProgramFit program_fit_of(nb::tuple t) {
    const auto [constants, columns, numbers, steps, result] =
        nb::cast<std::tuple<int64_t, int64_t, int64_t, int64_t, int64_t>>(t[0]);
    const auto [number, step, varying] = nb::cast<std::tuple<uintptr_t, uintptr_t, uintptr_t>>(t[1]);
    const auto [starts, start, found, slopes] = nb::cast<std::tuple<int64_t, uintptr_t, uintptr_t, uintptr_t>>(t[2]);
    return {{constants, columns, numbers, steps, at<double>(number), at<Step>(step), at<bool>(varying), result},
            starts,
            at<double>(start),
            at<double>(found),
            at<double>(slopes),
            0};
}

// The root mean square errors; constants and slopes go where they were wanted.
inline nb::list fit_programs(nb::list fits, nb::tuple samples, nb::tuple settings, double damping, int threads) {
    const auto [count, x, y, root] = nb::cast<std::tuple<int64_t, uintptr_t, uintptr_t, uintptr_t>>(samples);
    const ProgramSamples given = {count, at<double>(x), at<double>(y), at<double>(root)};
    const LmSettings how = lm_settings_of(settings);
    std::vector<ProgramFit> all;
    for (nb::handle fit : fits) all.push_back(program_fit_of(nb::cast<nb::tuple>(fit)));
    {
        nb::gil_scoped_release free;
        check(target().programs.fit(all.data(), static_cast<int64_t>(all.size()), given, how, damping, threads));
    }
    nb::list errors;
    for (const ProgramFit& fit : all) errors.append(fit.rmse);
    return errors;
}

}  // namespace edgewise
