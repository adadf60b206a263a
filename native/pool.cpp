#include "pool.hpp"

#include <stdint.h>
#include <stdlib.h>

#include <mutex>
#include <unordered_map>
#include <vector>

namespace edgewise {

namespace {

constexpr size_t kLine = 64, kMaxKept = size_t(64) << 20;

struct Pool {
    std::mutex lock;
    std::unordered_map<size_t, std::vector<void*>> idle;
    size_t kept = 0;
};

// Never destroyed: threads may outlive static objects.
Pool& pool() {
    static Pool* one = new Pool;
    return *one;
}

// The line before a block holds its size.
size_t& size_of(void* block) { return *reinterpret_cast<size_t*>(static_cast<char*>(block) - kLine); }

}  // namespace

void* acquire_block(size_t bytes) {
    const size_t size = (bytes + kLine - 1) / kLine * kLine + kLine;
    {
        std::lock_guard<std::mutex> guard(pool().lock);
        const auto found = pool().idle.find(size);
        if (found != pool().idle.end() && !found->second.empty()) {
            void* block = found->second.back();
            found->second.pop_back();
            pool().kept -= size;
            return block;
        }
    }
    void* whole = aligned_alloc(kLine, size);
    if (!whole) return nullptr;
    void* block = static_cast<char*>(whole) + kLine;
    size_of(block) = size;
    return block;
}

void release_block(void* block) {
    if (!block) return;
    const size_t size = size_of(block);
    {
        std::lock_guard<std::mutex> guard(pool().lock);
        if (pool().kept + size <= kMaxKept) {
            pool().idle[size].push_back(block);
            pool().kept += size;
            return;
        }
    }
    free(static_cast<char*>(block) - kLine);
}

}  // namespace edgewise
