// Rejected promises that no one handles. A hook that leaves one has failed, even if it returned a result.

typedef struct HCRejection {
    struct HCRejection *next;
    JSValue promise, reason;
} HCRejection;

/// QuickJS calls this when a promise without a handler is rejected, and again if it gets a handler later.
static void hc_track_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool is_handled, void *opaque) {
    if (!is_handled) {
        HCRejection *rejection = js_malloc_rt(ctx->rt, sizeof(HCRejection));
        rejection->next = hc.rejections;
        rejection->promise = js_dup(promise);
        rejection->reason = js_dup(reason);
        hc.rejections = rejection;
        return;
    }
    for (HCRejection **at = &hc.rejections; *at; at = &(*at)->next) {
        HCRejection *rejection = *at;
        if (JS_VALUE_GET_PTR(rejection->promise) != JS_VALUE_GET_PTR(promise))
            continue;
        *at = rejection->next;
        JS_FreeValue(ctx, rejection->promise);
        JS_FreeValue(ctx, rejection->reason);
        js_free_rt(ctx->rt, rejection);
        return;
    }
}

/// Throws the reason of the first rejection that is left. Negative if there is one.
static int hc_throw_unhandled(JSContext *ctx) {
    HCRejection *first = hc.rejections;
    if (likely(!first))
        return 0;
    while (first->next)
        first = first->next;
    JS_Throw(ctx, js_dup(first->reason));
    hc.rejections = NULL;
    return -1;
}
