// What an exception looks like to the host: {"thrown":{"message":"…","backtrace":["f (plugin.ts:3:5)",…]}}.

#define HC_MOST_MESSAGE 4096
#define HC_MOST_FRAMES 20

/// Writes text as a JSON string; cuts it at this many characters.
static void hc_put_cut(HCWriter *w, JSValueConst text) {
    JSValue cut = JS_UNDEFINED;
    if (JS_VALUE_GET_TAG(text) == JS_TAG_STRING_ROPE)
        cut = js_linearize_string_rope(w->ctx, text);
    JSString *string = JS_VALUE_GET_STRING(JS_IsUndefined(cut) ? text : cut);
    size_t length = string->len > HC_MOST_MESSAGE ? HC_MOST_MESSAGE : string->len;
    if (string->is_wide_char)
        hc_put_utf16(w, str16(string), length);
    else
        hc_put_latin1(w, str8(string), length);
    JS_FreeValue(w->ctx, cut);
}

/// A property of the exception if that is a string; else undefined. A getter that throws counts as no string.
static JSValue hc_text_of(JSContext *ctx, JSValueConst exception, const char *name) {
    JSValue text = JS_GetPropertyStr(ctx, exception, name);
    if (JS_IsException(text))
        JS_FreeValue(ctx, JS_GetException(ctx));
    if (JS_IsString(text))
        return text;
    JS_FreeValue(ctx, text);
    return JS_UNDEFINED;
}

static void hc_put_message(HCWriter *w, JSValueConst exception) {
    JSContext *ctx = w->ctx;
    JSValue text = JS_IsObject(exception) ? hc_text_of(ctx, exception, "message") : JS_UNDEFINED;
    JSValue name = JS_IsUndefined(text) ? JS_UNDEFINED : hc_text_of(ctx, exception, "name");
    if (!JS_IsUndefined(name)) {
        JSValue colon = js_new_string8(ctx, ": ");
        text = JS_ConcatString(ctx, JS_ConcatString(ctx, name, colon), text);
    } else if (JS_IsUndefined(text)) {
        text = JS_ToString(ctx, exception);
    }
    if (JS_IsException(text)) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        text = js_new_string8(ctx, "a value that cannot be written as text");
    }
    hc_put_cut(w, text);
}

/// A line of `stack` is `    at f (plugin.ts:3:5)`.
static void hc_put_backtrace(HCWriter *w, JSValueConst exception) {
    JSContext *ctx = w->ctx;
    JSValue stack = JS_IsError(exception) ? hc_text_of(ctx, exception, "stack") : JS_UNDEFINED;
    hc_put(w, '[');
    size_t length;
    const char *line = JS_IsUndefined(stack) ? NULL : JS_ToCStringLen(ctx, &length, stack);
    for (int frames = 0; line && *line && frames < HC_MOST_FRAMES; frames++) {
        const char *end = strchr(line, '\n');
        size_t bytes = end ? (size_t)(end - line) : strlen(line);
        size_t lead = bytes >= 7 && memcmp(line, "    at ", 7) == 0 ? 7 : 0;
        JSValue frame = JS_NewStringLen(ctx, line + lead, bytes - lead);
        if (frames > 0)
            hc_put(w, ',');
        hc_put_cut(w, frame);
        line += bytes + (end != NULL);
    }
    hc_put(w, ']');
}

/// Writes the pending exception, and clears it.
static void hc_put_thrown(HCWriter *w) {
    JSValue exception = JS_GetException(w->ctx);
    hc_put_literal(w, "{\"thrown\":{\"message\":");
    hc_put_message(w, exception);
    hc_put_literal(w, ",\"backtrace\":");
    hc_put_backtrace(w, exception);
    hc_put_literal(w, "}}");
}
