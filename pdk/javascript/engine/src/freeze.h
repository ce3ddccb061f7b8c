// The end of a build: what exists becomes the image that every call of the plugin starts from.

static void hc_zero(uint8_t *from, uint8_t *to) {
    if (from < to)
        memset(from, 0, (size_t)(to - from));
}

/// Makes every block immortal, and forgets the freed ones. Bytes that nothing needs become zero, so that the module is small.
static void hc_freeze_blocks(void) {
    uint8_t *at = &__heap_base;
    while (at < hc.top) {
        JSMallocBlockHeader *block = (JSMallocBlockHeader *)at;
        size_t size = hc_size(block->block_size_idx);
        if (block->ref_count == HC_FREED)
            hc_zero(at, at + size);
        else
            block->ref_count = HC_IMMORTAL;
        at += size;
    }
    memset(hc.freed, 0, sizeof(hc.freed));
}

/// `to` is empty, and gets all that is in `from`.
static void hc_move_list(struct list_head *from, struct list_head *to) {
    if (list_empty(from))
        return;
    __list_add(to, from->prev, from->next);
    init_list_head(from);
}

#ifdef QJS_DISABLE_PARSER

static no_inline void hc_freeze(void) {
    JSContext *ctx = hc.context;
    JSRuntime *rt = ctx->rt;

    // What the build logged and granted is no plugin's.
    hc_clear_log();
    hc_grant(ctx, &hc_no_grants);
    hc.rejections = NULL;
    hc.refused = 0;
    hc_zero_scripts();

    JS_RunGC(rt);
    // The collector no longer visits the image. Its objects stay in a list, since some can still leave it.
    hc_move_list(&rt->gc_obj_list, &hc.image_objects);

    hc_freeze_blocks();
    JS_REF_COUNT(ctx) = HC_IMMORTAL;
    hc.top = (uint8_t *)(((uintptr_t)hc.top + HC_PAGE - 1) & ~(uintptr_t)(HC_PAGE - 1));
    if (hc.end < hc.top + HC_FRESH && !hc_reach(HC_FRESH))
        __builtin_trap();
    hc.live = 0;
    rt->malloc_gc_threshold = HC_COLLECT_FROM;
    hc.is_learning = false;
    hc.lessons = HC_LESSONS;
    hc.is_frozen = true;

    // Nothing of the frames and of C's stack below this function is in use; it is left over from the build.
    hc_zero(HC_FRAMES, (uint8_t *)__builtin_frame_address(0) - 512);
}

#endif
