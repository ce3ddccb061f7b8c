// Time and random numbers. A call has them only if its context grants them, so that the same context always gets the same result.
// While a plugin is built they are always the same.

/// The members of a context that grant something.
typedef struct HCGrants {
    JSValue now;  // an object whose `ms` are milliseconds since 1970, or the number itself
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
    JSValue now = JS_IsObject(grants->now) ? JS_GetProperty(ctx, grants->now, hc.names.ms) : grants->now;
    if (JS_IsException(now))
        JS_FreeValue(ctx, JS_GetException(ctx));
    hc.has_clock = JS_IsNumber(now);
    if (hc.has_clock) {
        double ms;
        JS_ToFloat64(ctx, &ms, now);
        hc.has_clock = isfinite(ms) && fabs(ms) <= 8.64e15;
        hc.now = ms;
    }
    hc.has_seed = JS_IsNumber(grants->seed) || JS_IsString(grants->seed);
    if (hc.has_seed)
        ctx->random_state = hc_random_state(ctx, grants->seed);
}

/// What a hook may ask for in vain.
typedef enum HCRefused { HC_REFUSED_TIME = 1, HC_REFUSED_RANDOM = 2 } HCRefused;

#ifdef QJS_DISABLE_PARSER

/// The frames of a line about a refusal.
#define HC_MOST_REFUSED_FRAMES 8

/// A plugin may swallow the exception that is pending, and go on with something wrong. So the log says what was refused, once in a
/// call.
static no_inline void hc_log_refusal(JSContext *ctx, HCRefused what) {
    if (hc.refused & what)
        return;
    hc.refused |= what;
    // Not by a property, which JavaScript can have changed.
    JSValueConst error = ctx->rt->current_exception;
    JSValueConst stack = JS_IsError(error) ? JS_VALUE_GET_OBJ(error)->u.object_data : JS_UNDEFINED;
    HCWriter w = { ctx, NULL, 0, 0 };
    hc_put_literal(&w, "{\"level\":\"warn\",\"message\":\"asked for ");
    if (what == HC_REFUSED_TIME)
        hc_put_literal(&w, "the time");
    else
        hc_put_literal(&w, "random numbers");
    hc_put_literal(&w, ", which this call does not grant\"");
    hc_put_backtrace(&w, JS_IsString(stack) ? stack : JS_UNDEFINED, HC_MOST_REFUSED_FRAMES);
    hc_put_literal(&w, "}\n");
    hc_append_log(ctx, w.bytes, w.length);
    js_free_rt(ctx->rt, w.bytes);
}

/// `refuseRandom(message)`, from `crypto.js`: throws a `TypeError`.
static JSValue hc_js_refuse_random(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
    const char *message = JS_ToCString(ctx, argv[0]);
    if (!message)
        return JS_EXCEPTION;
    JS_ThrowTypeError(ctx, "%s", message);
    JS_FreeCString(ctx, message);
    hc_log_refusal(ctx, HC_REFUSED_RANDOM);
    return JS_EXCEPTION;
}

#else

/// Only a hook is refused something.
static void hc_log_refusal(JSContext *ctx, HCRefused what) {}

#endif

/// Milliseconds since 1970, or a `TypeError`.
static int hc_read_clock(JSContext *ctx, double *now) {
    *now = hc.has_clock ? trunc(hc.now) : 0;
    if (hc.has_clock || !hc.in_hook)
        return 0;
    JS_ThrowTypeError(ctx, "a hook has no clock, because the same context must always get the same result; "
                           "if the server grants the time, it is in the context's \"now\"");
    hc_log_refusal(ctx, HC_REFUSED_TIME);
    return -1;
}

/// A `TypeError` if there are no random numbers.
static int hc_check_random(JSContext *ctx) {
    if (hc.has_seed || !hc.in_hook)
        return 0;
    JS_ThrowTypeError(ctx, "a hook has no random numbers, because the same context must always get the same result; "
                           "if the server grants a seed, it is in the context's \"seed\"");
    hc_log_refusal(ctx, HC_REFUSED_RANDOM);
    return -1;
}
