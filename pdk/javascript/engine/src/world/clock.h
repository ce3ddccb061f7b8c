// Time and random numbers. A call has them only if its context grants them, so that the same context always gets the same result.
// While a plugin is built they are always the same.

/// The members of a context that grant something.
typedef struct HCGrants {
    JSValue now;  // milliseconds since 1970
    JSValue seed; // a number or a string
} HCGrants;

static const HCGrants hc_no_grants = { JS_UNDEFINED, JS_UNDEFINED };

/// A seed for QuickJS's generator, which must not be zero. A number and the same number as text are different seeds.
static uint64_t hc_random_state(JSContext *ctx, JSValueConst seed) {
    HCWriter w = { ctx, NULL, 0, 0 };
    uint64_t state = 0xcbf29ce484222325;
    if (hc_write_json(&w, seed) < 0)
        __builtin_trap();
    for (size_t i = 0; i < w.length; i++)
        state = (state ^ w.bytes[i]) * 0x100000001b3;
    js_free_rt(ctx->rt, w.bytes);
    // Seeds that are alike get states that are not.
    state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9;
    state = (state ^ state >> 27) * 0x94d049bb133111eb;
    state ^= state >> 31;
    return state ? state : 1;
}

/// Takes what the context grants. Anything else than a finite number or a seed grants nothing.
static void hc_grant(JSContext *ctx, const HCGrants *grants) {
    hc.has_clock = JS_IsNumber(grants->now);
    if (hc.has_clock) {
        double now;
        JS_ToFloat64(ctx, &now, grants->now);
        hc.has_clock = isfinite(now) && fabs(now) <= 8.64e15;
        hc.now = now;
    }
    hc.has_seed = JS_IsNumber(grants->seed) || JS_IsString(grants->seed);
    if (hc.has_seed)
        ctx->random_state = hc_random_state(ctx, grants->seed);
}

/// Milliseconds since 1970, or a `TypeError`.
static int hc_read_clock(JSContext *ctx, double *now) {
    *now = hc.has_clock ? trunc(hc.now) : 0;
    if (hc.has_clock || !hc.in_hook)
        return 0;
    JS_ThrowTypeError(ctx, "a hook has no clock, because the same context must always get the same result; "
                           "if the server grants the time, it is in the context's \"now\"");
    return -1;
}

/// A `TypeError` if there are no random numbers.
static int hc_check_random(JSContext *ctx) {
    if (hc.has_seed || !hc.in_hook)
        return 0;
    JS_ThrowTypeError(ctx, "a hook has no random numbers, because the same context must always get the same result; "
                           "if the server grants a seed, it is in the context's \"seed\"");
    return -1;
}
