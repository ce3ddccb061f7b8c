// The JavaScript world of a plugin.

#define HC_STACK_MARGIN (24 * 1024)

static void *hc_make_runtime(void *opaque, size_t count, size_t size) {
    return hc.runtime;
}
static void *hc_no_malloc(void *opaque, size_t size) {
    __builtin_trap();
}
static void hc_no_free(void *opaque, void *pointer) {
    __builtin_trap();
}
static void *hc_no_realloc(void *opaque, void *pointer, size_t size) {
    __builtin_trap();
}

/// Its own runtime comes from `HCState`, and everything else from `heap.h`.
static const JSMallocFunctions hc_malloc_functions = { hc_make_runtime, hc_no_malloc, hc_no_free, hc_no_realloc, NULL };

static void hc_start(void) {
    if (hc.context)
        return;
    hc.top = &__heap_base;
    hc.end = (uint8_t *)(__builtin_wasm_memory_size(0) * HC_WASM_PAGE);
    hc.frame_top = HC_FRAMES;
    init_list_head(&hc.image_objects);
    for (int i = 0; i < HC_HOOKS; i++)
        hc.hooks[i] = JS_UNDEFINED;

    JSRuntime *rt = JS_NewRuntime2(&hc_malloc_functions, NULL);
    rt->stack_limit = (uintptr_t)HC_FRAMES_END + HC_STACK_MARGIN;
    rt->malloc_gc_threshold = HC_COLLECT_FROM;
    JS_SetHostPromiseRejectionTracker(rt, hc_track_rejection, NULL);
    JSContext *ctx = JS_NewContextRaw(rt);
    hc.context = ctx;
    if (JS_AddIntrinsicBaseObjects(ctx) || JS_AddIntrinsicDate(ctx) || JS_AddIntrinsicEval(ctx) ||
        JS_AddIntrinsicRegExp(ctx) || JS_AddIntrinsicJSON(ctx) || JS_AddIntrinsicProxy(ctx) || JS_AddIntrinsicMapSet(ctx) ||
        JS_AddIntrinsicTypedArrays(ctx) || JS_AddIntrinsicPromise(ctx) || JS_AddIntrinsicWeakRef(ctx) ||
        JS_AddIntrinsicAToB(ctx))
        __builtin_trap();
    hc_remove_global(ctx, "SharedArrayBuffer");
    hc_remove_global(ctx, "Atomics");
    hc.names = (HCNames){ JS_NewAtom(ctx, "input"), JS_NewAtom(ctx, "data"), JS_NewAtom(ctx, "now"), JS_NewAtom(ctx, "seed"),
                          JS_NewAtom(ctx, "ms") };
}

/// Runs the jobs of promises. One that throws, which only `queueMicrotask` can make, counts as a rejection that no one handles.
static void hc_drain_jobs(JSContext *ctx) {
    JSContext *of_job;
    while (JS_ExecutePendingJob(ctx->rt, &of_job) != 0) {
        if (JS_HasException(ctx)) {
            JSValue reason = JS_GetException(ctx);
            hc_track_rejection(ctx, JS_UNDEFINED, reason, false, NULL);
            JS_FreeValue(ctx, reason);
        }
    }
}
