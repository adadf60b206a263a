// Which target's kernels are run: the best of this processor's, unless another is asked for.
#include <string.h>

#include "dispatch.hpp"

namespace edgewise {

#define EDGEWISE_DECLARE(name)     \
    namespace name {               \
    extern const Target table;     \
    }
EDGEWISE_DECLARE(baseline)
#if defined(__x86_64__)
EDGEWISE_DECLARE(avx2)
EDGEWISE_DECLARE(avx512)
#endif

namespace {

struct Candidate {
    const Target* table;
    bool runs;
};

const Candidate* candidates(int& count) {
#if defined(__x86_64__)
    static const Candidate all[] = {
        {&avx512::table, __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")},
        {&avx2::table, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")},
        {&baseline::table, true},
    };
#else
    static const Candidate all[] = {{&baseline::table, true}};
#endif
    count = sizeof all / sizeof all[0];
    return all;
}

const Target* find_target(const char* name) {
    int count = 0;
    const Candidate* all = candidates(count);
    for (int at = 0; at < count; ++at)
        if (all[at].runs && (name[0] == 0 || strcmp(all[at].table->name, name) == 0)) return all[at].table;
    return nullptr;
}

const Target*& current() {
    static const Target* chosen = find_target("");
    return chosen;
}

}  // namespace

const Target& target() { return *current(); }

bool use_target(const char* name) {
    const Target* found = find_target(name);
    if (found) current() = found;
    return found != nullptr;
}

}  // namespace edgewise
