// One allocator for everything: a pointer that only moves up, and a list of freed blocks for each size. It replaces both of
// QuickJS's. Each block begins with QuickJS's own header of 8 bytes, which has the reference count.
//
// `freeze.h` turns all blocks that exist at the end of the build into the image. The image is only read: its reference counts
// are immortal, its blocks are never reused, and a block that has to grow is copied. So a call writes to few pages.

/// Counts from here on are never changed.
#define HC_IMMORTAL 0x40000000
/// The count of a block that is in a list of freed blocks.
#define HC_FREED (-1)

#define HC_PAGE 4096
#define HC_WASM_PAGE 65536
#define HC_MOST_WASM_PAGES 65536
/// A call that runs out of memory gets at least this many pages of WebAssembly memory more.
#define HC_GROWTH 4
/// Fresh memory that a plugin starts with behind its image, so that an ordinary call does not grow the memory.
#define HC_FRESH (512 * 1024)
/// The collector of cycles first runs when a call has this much memory in use.
#define HC_COLLECT_FROM (4 * 1024 * 1024)

/// So many calls of `JS_CallInternal` fit in the 512 KiB of stack that the host gives a guest: the largest take 1.6 KB.
#define HC_MOST_DEPTH 280

#define HC_FINE_SIZES 16
#define HC_SIZES (HC_FINE_SIZES + 24 * 4)
#define HC_LARGEST 0x60000000
#define HC_HOOKS 16

/// The keys of a context that the engine looks at.
typedef struct HCNames {
    JSAtom input, data, now, seed, ms;
} HCNames;

/// What a call writes to in any case.
typedef struct HCState {
    uint8_t *top;      // the first byte that no block has had yet
    uint8_t *end;      // the end of the memory
    size_t live;       // bytes in use since the freeze
    uint8_t *frame_top; // see `frames.h`
    bool is_frozen;
    bool is_learning;
    bool in_hook;
    int depth;        // calls of `JS_CallInternal` within each other
    int nesting_cost; // see `nesting.h`
    int lessons; // see `hc_new_object`
    JSMallocBlockHeader *freed[HC_SIZES];
    JSContext *context;
    struct list_head image_objects;
    JSShape *function_shapes[2]; // see `properties.h`
    // What the call's context grants; see `world/clock.h`.
    bool has_clock, has_seed;
    uint8_t refused; // what the call asked for in vain, as bits
    double now;
    struct HCRejection *rejections; // see `world/rejections.h`
    uint8_t *log;                   // the first line; see `world/log.h`
    size_t log_room;
    HCNames names;
    JSValue hooks[HC_HOOKS];
    JSAtom hook_names[HC_HOOKS];
    _Alignas(16) uint8_t runtime[sizeof(JSRuntime)];
    _Alignas(16) JSMallocBlockHeader context_header;
    uint8_t context_bytes[sizeof(JSContext)];
} HCState;

static _Alignas(HC_PAGE) HCState hc;

extern uint8_t __heap_base;

static int hc_read_clock(JSContext *ctx, double *now);
static int hc_check_random(JSContext *ctx);

static inline bool hc_is_immortal(const void *object) {
    return js_rc(object)->ref_count >= HC_IMMORTAL;
}

static inline void hc_retain(const void *object) {
    JSMallocBlockHeader *header = js_rc(object);
    int count = header->ref_count;
    if (likely(count < HC_IMMORTAL))
        header->ref_count = count + 1;
}

/// The new count.
static inline int hc_release(const void *object) {
    JSMallocBlockHeader *header = js_rc(object);
    int count = header->ref_count;
    if (likely(count < HC_IMMORTAL))
        header->ref_count = --count;
    return count;
}

/// Sizes of blocks: multiples of 8 up to 128, then four sizes for each power of two.
static inline unsigned hc_size_index(size_t total) {
    if (total <= 128)
        return (unsigned)(total / 8) - 1;
    unsigned power = 31 - (unsigned)__builtin_clz((unsigned)total - 1);
    unsigned quarter = (unsigned)((total - 1) >> (power - 2)) & 3;
    return HC_FINE_SIZES + (power - 7) * 4 + quarter;
}

static inline size_t hc_size(unsigned index) {
    if (index < HC_FINE_SIZES)
        return ((size_t)index + 1) * 8;
    unsigned power = 7 + (index - HC_FINE_SIZES) / 4;
    unsigned quarter = (index - HC_FINE_SIZES) % 4;
    return ((size_t)1 << power) + (((size_t)quarter + 1) << (power - 2));
}

/// Makes the memory reach to `top + bytes`, which is behind its end.
static bool hc_reach(size_t bytes) {
    size_t missing = (size_t)hc.top + bytes - (size_t)hc.end;
    size_t pages = (missing + HC_WASM_PAGE - 1) / HC_WASM_PAGE;
    if (pages < HC_GROWTH)
        pages = HC_GROWTH;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1)
        return false;
    hc.end += pages * HC_WASM_PAGE;
    return true;
}

/// The end of a call that asks for more memory than there can be. JavaScript must not catch it, and the host sees that memory was
/// refused.
static no_inline _Noreturn void hc_out_of_memory(void) {
    __builtin_wasm_memory_grow(0, HC_MOST_WASM_PAGES);
    __builtin_trap();
}

/// A block that no one has had yet, all zero.
static inline JSMallocBlockHeader *hc_bump(size_t size) {
    if (unlikely((size_t)(hc.end - hc.top) < size) && !hc_reach(size))
        hc_out_of_memory();
    JSMallocBlockHeader *block = (JSMallocBlockHeader *)hc.top;
    hc.top += size;
    return block;
}

static inline void *hc_allocate(size_t size, bool zeroed) {
    if (unlikely(size > HC_LARGEST))
        hc_out_of_memory();
    unsigned index = hc_size_index((size + sizeof(JSMallocBlockHeader) + 7) & ~(size_t)7);
    JSMallocBlockHeader *block = hc.freed[index];
    if (block) {
        hc.freed[index] = *(JSMallocBlockHeader **)block->user_data;
        if (zeroed)
            memset(block->user_data, 0, size);
    } else {
        block = hc_bump(hc_size(index));
    }
    block->u.block_idx = 0;
    block->block_size_idx = (uint8_t)index;
    block->gc_obj_type = 0;
    block->mark = 0;
    block->ref_count = 0;
    hc.live += hc_size(index);
    return block->user_data;
}

void *js_malloc_rt(JSRuntime *rt, size_t size) {
    return size == 0 ? NULL : hc_allocate(size, false);
}

void *js_calloc_rt(JSRuntime *rt, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        hc_out_of_memory();
    return hc_allocate(bytes, true);
}

void js_free_rt(JSRuntime *rt, void *pointer) {
    if (!pointer)
        return;
    JSMallocBlockHeader *block = js_rc(pointer);
    if (block->ref_count >= HC_IMMORTAL)
        return;
    unsigned index = block->block_size_idx;
    hc.live -= hc_size(index);
    block->ref_count = HC_FREED;
    *(JSMallocBlockHeader **)block->user_data = hc.freed[index];
    hc.freed[index] = block;
}

void *js_realloc_rt(JSRuntime *rt, void *pointer, size_t size) {
    if (!pointer)
        return js_malloc_rt(rt, size);
    if (size == 0) {
        js_free_rt(rt, pointer);
        return NULL;
    }
    JSMallocBlockHeader *block = js_rc(pointer);
    size_t had = hc_size(block->block_size_idx);
    if (size + sizeof(JSMallocBlockHeader) <= had)
        return pointer;
    bool is_image = block->ref_count >= HC_IMMORTAL;
    if (!is_image && (uint8_t *)block + had == hc.top && size <= HC_LARGEST) {
        unsigned index = hc_size_index((size + sizeof(JSMallocBlockHeader) + 7) & ~(size_t)7);
        hc_bump(hc_size(index) - had);
        hc.live += hc_size(index) - had;
        block->block_size_idx = (uint8_t)index;
        return pointer;
    }
    void *moved = hc_allocate(size, false);
    JSMallocBlockHeader *header = js_rc(moved);
    header->gc_obj_type = block->gc_obj_type;
    header->mark = block->mark;
    // Only a shape moves with a count, and only if a single object has it.
    header->ref_count = is_image ? 1 : block->ref_count;
    memcpy(moved, pointer, had - sizeof(JSMallocBlockHeader));
    js_free_rt(rt, pointer);
    return moved;
}

size_t js_malloc_usable_size_rt(JSRuntime *rt, const void *pointer) {
    return pointer ? hc_size(js_rc(pointer)->block_size_idx) - sizeof(JSMallocBlockHeader) : 0;
}

static JSContext *hc_new_context(void) {
    return (JSContext *)(void *)hc.context_header.user_data;
}
