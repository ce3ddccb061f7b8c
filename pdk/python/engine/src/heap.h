// The memory of the engine: a pointer that only moves up, and a list of freed blocks for each size. It replaces libc's.
//
// `hc_seal_heap` makes all blocks that exist at the end of the build the image. Its blocks are never used again, so that a call
// takes fresh memory, which is all in one place.

#include <errno.h>
#include <stddef.h>

#define HC_PAGE 4096
#define HC_WASM_PAGE 65536
/// The memory grows by at least this many pages of WebAssembly.
#define HC_GROWTH 4
/// Fresh memory that a plugin starts with, so that an ordinary call does not grow the memory.
#define HC_FRESH (512 * 1024)
#define HC_LARGEST 0x40000000
/// Sizes of blocks: multiples of 16 up to 512, then four sizes for each power of two.
#define HC_FINE 32
#define HC_SIZES (HC_FINE + 24 * 4)

/// What is before each block.
typedef struct HCBlock {
    uint32_t size_index;
    uint32_t unused;
} HCBlock;

/// A freed block holds the next one of its size.
typedef struct HCFree {
    struct HCFree *next;
} HCFree;

extern uint8_t __heap_base;

static struct {
    uint8_t *top, *end;
    HCFree *freed[HC_SIZES];
    uint8_t *sealed; // blocks below are of the image
    bool has_refused;
} heap;

static inline unsigned hc_size_index(size_t size) {
    if (size <= HC_FINE * 16)
        return size == 0 ? 0 : (unsigned)((size - 1) / 16);
    unsigned power = 31 - (unsigned)__builtin_clz((unsigned)size - 1);
    return HC_FINE + (power - 9) * 4 + ((unsigned)((size - 1) >> (power - 2)) & 3);
}

static inline size_t hc_size(unsigned index) {
    if (index < HC_FINE)
        return ((size_t)index + 1) * 16;
    unsigned power = 9 + (index - HC_FINE) / 4;
    return ((size_t)1 << power) + (((size_t)(index - HC_FINE) % 4 + 1) << (power - 2));
}

static void *hc_bump(size_t size) {
    if (!heap.top) {
        heap.top = &__heap_base;
        heap.end = (uint8_t *)(__builtin_wasm_memory_size(0) * HC_WASM_PAGE);
        heap.top += (16 - ((uintptr_t)heap.top + sizeof(HCBlock)) % 16) % 16;
    }
    if ((size_t)(heap.end - heap.top) < size) {
        size_t pages = (size - (size_t)(heap.end - heap.top) + HC_WASM_PAGE - 1) / HC_WASM_PAGE;
        if (pages < HC_GROWTH)
            pages = HC_GROWTH;
        if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1)
            return NULL;
        heap.end += pages * HC_WASM_PAGE;
    }
    void *at = heap.top;
    heap.top += size;
    return at;
}

static void *hc_refuse(void) {
    heap.has_refused = true;
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t size) {
    if (size > HC_LARGEST) {
        // For the host to see what was refused.
        __builtin_wasm_memory_grow(0, size / HC_WASM_PAGE);
        return hc_refuse();
    }
    unsigned index = hc_size_index(size);
    HCFree *freed = heap.freed[index];
    if (freed) {
        heap.freed[index] = freed->next;
        return freed;
    }
    // A block is a header of 8 bytes and a multiple of 16: its contents are aligned to 16.
    HCBlock *block = hc_bump(hc_size(index) + 16);
    if (!block)
        return hc_refuse();
    block->size_index = index;
    return block + 1;
}

static inline size_t hc_room(void *at) {
    return hc_size(((HCBlock *)at)[-1].size_index);
}

void free(void *at) {
    if (!at || (uint8_t *)at < heap.sealed)
        return;
    HCFree *freed = at;
    unsigned index = ((HCBlock *)at)[-1].size_index;
    freed->next = heap.freed[index];
    heap.freed[index] = freed;
}

void *calloc(size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        return hc_refuse();
    void *at = malloc(total);
    return at ? memset(at, 0, total) : NULL;
}

/// Extends the last block where it is, so that a text that grows is copied once.
static bool hc_extend(void *at, size_t size) {
    size_t room = hc_room(at);
    if (size > HC_LARGEST || (uint8_t *)at < heap.sealed || (uint8_t *)at - sizeof(HCBlock) + room + 16 != heap.top)
        return false;
    unsigned index = hc_size_index(size);
    if (!hc_bump(hc_size(index) - room))
        return false;
    ((HCBlock *)at)[-1].size_index = index;
    return true;
}

void *realloc(void *at, size_t size) {
    if (!at)
        return malloc(size);
    size_t room = hc_room(at);
    if (size <= room && ((uint8_t *)at >= heap.sealed || size > room / 2))
        return at;
    if (hc_extend(at, size))
        return at;
    void *moved = malloc(size);
    if (!moved)
        return NULL;
    memcpy(moved, at, room < size ? room : size);
    free(at);
    return moved;
}

void *aligned_alloc(size_t alignment, size_t size) { return alignment <= 16 ? malloc(size) : NULL; }
int posix_memalign(void **to, size_t alignment, size_t size) {
    *to = aligned_alloc(alignment, size);
    return *to ? 0 : ENOMEM;
}
size_t malloc_usable_size(void *at) { return at ? hc_room(at) : 0; }

/// Zeroes what is free and forgets it: what exists is the image, which is only read.
static void hc_seal_heap(void) {
    for (unsigned index = 0; index < HC_SIZES; index++) {
        HCFree *next;
        for (HCFree *freed = heap.freed[index]; freed; freed = next) {
            next = freed->next;
            memset(freed, 0, hc_size(index));
        }
        heap.freed[index] = NULL;
    }
    uintptr_t top = ((uintptr_t)heap.top + HC_PAGE - 1) & ~(uintptr_t)(HC_PAGE - 1);
    // The header of a block is before an address that 16 divides.
    top += 16 - sizeof(HCBlock);
    size_t missing = top + HC_FRESH > (uintptr_t)heap.end ? top + HC_FRESH - (uintptr_t)heap.end : 0;
    if (missing > 0)
        __builtin_wasm_memory_grow(0, (missing + HC_WASM_PAGE - 1) / HC_WASM_PAGE);
    heap.end = (uint8_t *)(__builtin_wasm_memory_size(0) * HC_WASM_PAGE);
    heap.top = (uint8_t *)top;
    heap.sealed = heap.top;
}
