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

struct Choice {
    const Target* table;
    bool runs;
};

const Choice* choices(int& count) {
#if defined(__x86_64__)
    static const Choice all[] = {
        {&avx512::table, __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")},
        {&avx2::table, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")},
        {&baseline::table, true},
    };
#else
    static const Choice all[] = {{&baseline::table, true}};
#endif
    count = sizeof all / sizeof all[0];
    return all;
}

const Target* named(const char* name) {
    int count = 0;
    const Choice* all = choices(count);
    for (int at = 0; at < count; ++at)
        if (all[at].runs && (name[0] == 0 || strcmp(all[at].table->name, name) == 0)) return all[at].table;
    return nullptr;
}

const Target*& current() {
    static const Target* chosen = named("");
    return chosen;
}

}  // namespace

const Target& target() { return *current(); }

bool use_target(const char* name) {
    const Target* found = named(name);
    if (found) current() = found;
    return found != nullptr;
}

}  // namespace edgewise
