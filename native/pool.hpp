// Working memory that is kept for the next call: fresh memory costs a page fault for every 4 KiB.
#pragma once

#include <stddef.h>

namespace edgewise {

// A block of at least so many bytes, on a cache line; null if there is none.
void* acquire_block(size_t bytes);

// Gives a block back; null is fine.
void release_block(void* block);

}  // namespace edgewise
