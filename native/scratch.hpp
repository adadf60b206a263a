// Working memory of one thread: one aligned block, cut into pieces, given back at the end of the scope.
#pragma once

#include <stdint.h>

#include "pool.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

class Scratch {
  public:
    explicit Scratch(int64_t bytes)
        : block_(static_cast<char*>(acquire_block(static_cast<size_t>(rounded(bytes))))), used_(0) {}
    ~Scratch() { release_block(block_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    bool failed() const { return block_ == nullptr; }

    // The next piece, for `count` numbers of type T; null if there is no memory.
    template <class T>
    T* take(int64_t count) {
        if (failed()) return nullptr;
        T* piece = reinterpret_cast<T*>(block_ + used_);
        used_ += rounded(count * static_cast<int64_t>(sizeof(T)));
        return piece;
    }

    // What `take` will use for so many numbers.
    template <class T>
    static int64_t bytes(int64_t count) {
        return rounded(count * static_cast<int64_t>(sizeof(T)));
    }

  private:
    static constexpr int64_t kAlign = 64;
    static int64_t rounded(int64_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

    char* block_;
    int64_t used_;
};

// One block of memory for many pieces; without a block it measures what they need.
class Arena {
  public:
    explicit Arena(char* block) : block_(block) {}

    template <class N>
    N* take(int64_t count) {
        N* piece = block_ ? reinterpret_cast<N*>(block_ + used_) : nullptr;
        used_ += (count * static_cast<int64_t>(sizeof(N)) + 63) / 64 * 64;
        return piece;
    }

    int64_t used() const { return used_; }

  private:
    char* block_;
    int64_t used_ = 0;
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
