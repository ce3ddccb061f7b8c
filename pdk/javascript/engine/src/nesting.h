// How deeply the functions that read texts call themselves. They use the stack of the host's thread, whose size they cannot see: they
// count what they use, and end with an error that JavaScript knows before a trap ends the call.

/// Of the 512 KiB that the host gives a guest.
#define HC_MOST_NESTING_COST (400 * 1024)
#define HC_TOO_DEEP "the source nests too deeply"

static inline int hc_begin_nesting(int cost) {
    if (unlikely(hc.nesting_cost + cost > HC_MOST_NESTING_COST - hc.depth * (HC_MOST_NESTING_COST / HC_MOST_DEPTH)))
        return 0;
    hc.nesting_cost += cost;
    return cost;
}

static inline void hc_end_nesting(const int *cost) {
    hc.nesting_cost -= *cost;
}

/// At the beginning of a function: gives up with this result if it is too deep.
#define HC_NEST(cost, result)                                                           \
    __attribute__((cleanup(hc_end_nesting))) int hc_cost = hc_begin_nesting(cost);      \
    if (unlikely(!hc_cost))                                                             \
        return result

/// So many calls more of `JS_CallInternal` fit for certain: what must not fail in between asks for them before it begins.
#define HC_SPARE_DEPTH 8
#define HC_SPARE_STACK (16 * 1024)

static inline bool hc_has_spare_stack(JSContext *ctx) {
    return hc.depth <= HC_MOST_DEPTH - HC_SPARE_DEPTH && !js_check_stack_overflow(ctx->rt, HC_SPARE_STACK);
}

#ifndef QJS_DISABLE_PARSER
struct JSParseState;
static void hc_locate_error(struct JSParseState *s);
#endif
