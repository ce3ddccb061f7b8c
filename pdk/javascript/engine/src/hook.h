// A call of a hook: the context is read, the JavaScript function runs, its jobs are drained, the answer is written.

/// Where a member of the context is in its text.
typedef struct HCSlice {
    const uint8_t *text;
    size_t length;
} HCSlice;

typedef struct HCContext {
    JSValue object;
    HCSlice input, data;
    HCGrants grants;
} HCContext;

/// Like `hc_read_object`, and remembers where `input` and `data` are, and what the context grants.
static bool hc_read_members(HCReader *r, HCContext *context) {
    HCMember *members = (HCMember *)(void *)hc.frame_top;
    int count = 0;
    if (!hc_take(r, '{'))
        return false;
    if (!hc_take(r, '}')) {
        do {
            if (!hc_take(r, '"'))
                return false;
            JSAtom key = hc_read_key(r);
            if (key == JS_ATOM_NULL || !hc_take(r, ':'))
                return false;
            hc_skip_space(r);
            const uint8_t *begin = r->at;
            JSValue value = hc_read_value(r);
            HCMember *member = hc_frame(sizeof(HCMember));
            if (JS_IsException(value) || !member)
                return false;
            member->key = key;
            member->value = value;
            count++;
            HCSlice slice = { begin, (size_t)(r->at - begin) };
            if (key == hc.names.input)
                context->input = slice;
            else if (key == hc.names.data)
                context->data = slice;
            else if (key == hc.names.now)
                context->grants.now = value;
            else if (key == hc.names.seed)
                context->grants.seed = value;
        } while (hc_take(r, ','));
        if (!hc_take(r, '}'))
            return false;
    }
    hc_skip_space(r);
    if (r->at != r->end)
        return false;
    context->object = hc_new_object(r->ctx, members, count);
    return true;
}

/// A member of a context as JSON.
static HCSlice hc_text_of_member(JSContext *ctx, JSValueConst context, JSAtom key) {
    HCWriter w = { ctx, NULL, 0, 0 };
    JSValue value = JS_GetProperty(ctx, context, key);
    if (JS_IsException(value) || hc_write_json(&w, value) < 0)
        __builtin_trap();
    JS_FreeValue(ctx, value);
    return (HCSlice){ w.bytes, w.length };
}

/// Reads what the host wrote. A text that is not a JSON object is a mistake of the host, and ends the call.
static HCContext hc_read_context(JSContext *ctx, const uint8_t *text, size_t length) {
    HCContext context = { JS_UNDEFINED, { NULL, 0 }, { NULL, 0 }, hc_no_grants };
    HCReader reader = { ctx, text, text + length };
    uint8_t *mark = hc.frame_top;
    bool is_read = hc_read_members(&reader, &context);
    hc.frame_top = mark;
    if (!is_read) {
        char *copy = js_strndup(ctx, (const char *)text, length);
        context.object = JS_ParseJSON(ctx, copy, length, "<context>");
        js_free(ctx, copy);
        if (!JS_IsObject(context.object) || JS_IsArray(context.object))
            __builtin_trap();
        context.input = hc_text_of_member(ctx, context.object, hc.names.input);
        context.data = hc_text_of_member(ctx, context.object, hc.names.data);
        context.grants.now = JS_GetProperty(ctx, context.object, hc.names.now);
        context.grants.seed = JS_GetProperty(ctx, context.object, hc.names.seed);
    }
    return context;
}

/// Writes a changed member of the context. Negative if an exception is pending.
static int hc_put_change(HCWriter *w, JSValueConst holder, JSAtom key, HCSlice before, bool *has_changes) {
    size_t begin = w->length;
    if (*has_changes)
        hc_put(w, ',');
    hc_put_string(w, w->ctx->rt->atom_array[key]);
    hc_put(w, ':');
    size_t value_at = w->length;
    JSValue value = JS_GetProperty(w->ctx, holder, key);
    if (JS_IsException(value) || hc_write_json(w, value) < 0)
        return -1;
    size_t length = w->length - value_at;
    bool is_same = length == before.length && memcmp(w->bytes + value_at, before.text, length) == 0;
    if (length == 0 || is_same)
        w->length = begin;
    else
        *has_changes = true;
    return 0;
}

/// Writes `input` and `data` of an object, as far as they differ from the context's. Writes nothing if none does.
static int hc_put_changes(HCWriter *w, JSValueConst holder, const HCContext *context) {
    bool has_changes = false;
    hc_put_literal(w, "{\"ok\":true,\"ctx\":{");
    if (hc_put_change(w, holder, hc.names.input, context->input, &has_changes) < 0 ||
        hc_put_change(w, holder, hc.names.data, context->data, &has_changes) < 0)
        return -1;
    hc_put_literal(w, "}}");
    if (!has_changes)
        w->length = 0;
    return 0;
}

/// A promise that is settled with another library's promise: an object with a method `then`. Anything else stays as it is.
static JSValue hc_as_promise(JSContext *ctx, JSValue result) {
    if (!JS_IsObject(result) || JS_PromiseState(ctx, result) != JS_PROMISE_NOT_A_PROMISE)
        return result;
    JSValue then = JS_GetProperty(ctx, result, JS_ATOM_then);
    if (JS_IsException(then))
        return then;
    bool is_thenable = JS_IsFunction(ctx, then);
    JS_FreeValue(ctx, then);
    return is_thenable ? js_promise_resolve(ctx, ctx->promise_ctor, 1, vc(&result), 0) : result;
}

/// What an async hook resolves with. An exception if a promise that no one handles was rejected.
static JSValue hc_settle(JSContext *ctx, JSValue result) {
    result = hc_as_promise(ctx, result);
    if (JS_IsException(result))
        return result;
    hc_drain_jobs(ctx);
    switch ((int)JS_PromiseState(ctx, result)) {
    case JS_PROMISE_PENDING:
        return JS_ThrowTypeError(ctx, "the hook returned a promise that never settles");
    case JS_PROMISE_FULFILLED:
        return hc_throw_unhandled(ctx) < 0 ? JS_EXCEPTION : JS_PromiseResult(ctx, result);
    case JS_PROMISE_REJECTED:
        return JS_Throw(ctx, JS_PromiseResult(ctx, result));
    default:
        return hc_throw_unhandled(ctx) < 0 ? JS_EXCEPTION : result;
    }
}

static int hc_put_result(HCWriter *w, JSValueConst result, const HCContext *context) {
    JSContext *ctx = w->ctx;
    if (JS_IsUndefined(result))
        return hc_put_changes(w, context->object, context);
    if (JS_IsObject(result) && !JS_IsFunction(ctx, result) && !JS_IsArray(result)) {
        JSValue ok = JS_GetPropertyStr(ctx, result, "ok");
        if (JS_IsException(ok))
            return -1;
        if (!JS_IsUndefined(ok)) {
            if (hc_write_json(w, result) < 0)
                return -1;
            // An empty answer would accept.
            if (w->length > 0)
                return 0;
            JS_ThrowTypeError(ctx, "the toJSON of a result returned nothing");
            return -1;
        }
        int has_input = JS_HasProperty(ctx, result, hc.names.input), has_data = JS_HasProperty(ctx, result, hc.names.data);
        if (has_input < 0 || has_data < 0)
            return -1;
        if (has_input || has_data)
            return hc_put_changes(w, result, context);
    }
    JS_ThrowTypeError(ctx, "a hook returns nothing, an object with input or data, or a result with ok");
    return -1;
}

static uint64_t hc_answer(const HCWriter *w) {
    return (uint64_t)(uintptr_t)w->bytes << 32 | w->length;
}

static uint64_t hc_call(unsigned index, const uint8_t *text, size_t length) {
    JSContext *ctx = hc.context;
    if (!ctx || length > (size_t)(hc.end - (uint8_t *)0) || (size_t)text > (size_t)hc.end - length)
        __builtin_trap();
    if (JS_IsUndefined(hc.hooks[index]))
        return 0;
    HCWriter w = { ctx, NULL, 0, 0 };
    HCContext context = hc_read_context(ctx, text, length);
    JSValueConst argument = context.object;
    bool was_in_hook = hc.in_hook;
    hc.in_hook = true;
    hc_grant(ctx, &context.grants);
    JSValue result = hc_settle(ctx, JS_Call(ctx, hc.hooks[index], JS_UNDEFINED, 1, &argument));
    if (JS_IsException(result) || hc_put_result(&w, result, &context) < 0) {
        w.length = 0;
        hc_put_thrown(&w);
    }
    hc.in_hook = was_in_hook;
    return hc_answer(&w);
}

#define HC_EXPORT(name) __attribute__((export_name(name)))

HC_EXPORT("alloc") uint8_t *hc_alloc(uint32_t size) {
    hc_start();
    if (size > HC_LARGEST / 2)
        return NULL;
    return js_malloc_rt(hc.context->rt, (size_t)size + 1);
}

HC_EXPORT("dealloc") void hc_dealloc(uint8_t *pointer, uint32_t size) {}

#define HC_HOOK(name, index) \
    HC_EXPORT(name) uint64_t hc_hook_##index(const uint8_t *text, uint32_t length) { return hc_call(index, text, length); }

HC_HOOK("before_hook", 0)
HC_HOOK("after_hook", 1)
