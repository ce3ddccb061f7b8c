// What an exception looks like to the host:
// {"thrown":{"name":"TypeError","message":"…","backtrace":[{"function":"f","file":"plugin.ts","line":3,"column":5},…]}}.

#define HC_MOST_MESSAGE 4096
#define HC_MOST_NAME 256
#define HC_MOST_FRAMES 20

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

/// What was thrown, as text. An object that says no more of itself than that it is one is written as JSON, if it can be.
static JSValue hc_text_of_thrown(JSContext *ctx, JSValueConst thrown) {
    static const char plain[] = "[object Object]";
    JSValue text = JS_IsSymbol(thrown) ? js_symbol_toString(ctx, thrown, 0, NULL) : JS_ToString(ctx, thrown);
    if (!JS_IsString(text) || !JS_IsObject(thrown))
        return text;
    size_t length;
    const char *bytes = JS_ToCStringLen(ctx, &length, text);
    bool is_plain = length == sizeof(plain) - 1 && memcmp(bytes, plain, length) == 0;
    JS_FreeCString(ctx, bytes);
    HCWriter w = { ctx, NULL, 0, 0 };
    if (!is_plain)
        return text;
    if (hc_write_json(&w, thrown) < 0)
        JS_FreeValue(ctx, JS_GetException(ctx));
    else if (w.length > 0)
        text = JS_NewStringLen(ctx, (const char *)w.bytes, w.length);
    return text;
}

/// An object's `name` and `message`; of anything else, what it is as text.
static void hc_put_message(HCWriter *w, JSValueConst exception) {
    JSContext *ctx = w->ctx;
    JSValue text = JS_IsObject(exception) ? hc_text_of(ctx, exception, "message") : JS_UNDEFINED;
    JSValue name = JS_IsUndefined(text) ? JS_UNDEFINED : hc_text_of(ctx, exception, "name");
    if (JS_IsUndefined(text))
        text = hc_text_of_thrown(ctx, exception);
    if (JS_IsException(text)) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        text = js_new_string8(ctx, "a value that cannot be written as text");
    }
    if (!JS_IsUndefined(name)) {
        hc_put_literal(w, "\"name\":");
        hc_put_cut(w, name, HC_MOST_NAME);
        hc_put(w, ',');
    }
    hc_put_literal(w, "\"message\":");
    hc_put_cut(w, text, HC_MOST_MESSAGE);
}

static void hc_put_bytes(HCWriter *w, const char *bytes, size_t length, size_t most) {
    JSValue text = JS_NewStringLen(w->ctx, bytes, length);
    hc_put_cut(w, text, most);
    JS_FreeValue(w->ctx, text);
}

/// Takes a number from the end of `[begin, end)`, with the colon before it. -1 if there is none.
static int hc_take_number(const char *begin, const char **end) {
    const char *at = *end;
    while (at > begin && is_digit(at[-1]) && *end - at < 8)
        at--;
    if (at == *end || at == begin || at[-1] != ':')
        return -1;
    int number = 0;
    for (const char *digit = at; digit < *end; digit++)
        number = number * 10 + *digit - '0';
    *end = at - 1;
    return number;
}

/// Writes a line of `stack`, `    at f (plugin.ts:3:5)` or `    at plugin.ts:3:5`. JavaScript can have written anything there.
static void hc_put_frame(HCWriter *w, const char *line, size_t length) {
    const char *begin = line, *end = line + length, *function_end = line;
    if (length >= 7 && memcmp(line, "    at ", 7) == 0)
        function_end = begin = line + 7;
    if (end > begin && end[-1] == ')') {
        const char *open = end;
        while (open > begin && *open != '(')
            open--;
        if (open > begin && open[-1] == ' ') {
            function_end = open - 1;
            end--;
        }
    }
    const char *file = function_end > begin ? function_end + 2 : begin;
    int column = hc_take_number(file, &end);
    int line_number = column < 0 ? -1 : hc_take_number(file, &end);
    hc_put_literal(w, "{\"function\":");
    if (function_end > begin)
        hc_put_bytes(w, begin, (size_t)(function_end - begin), HC_MOST_NAME);
    else if (line_number < 0)
        hc_put_bytes(w, begin, (size_t)(end - begin), HC_MOST_NAME);
    else
        hc_put_literal(w, "null");
    if (line_number >= 0) {
        hc_put_literal(w, ",\"file\":");
        hc_put_bytes(w, file, (size_t)(end - file), HC_MOST_NAME);
        hc_put_literal(w, ",\"line\":");
        hc_put_number(w, line_number);
        hc_put_literal(w, ",\"column\":");
        hc_put_number(w, column);
    }
    hc_put(w, '}');
}

/// Writes the frames of a `stack`, which may be undefined.
static void hc_put_backtrace(HCWriter *w, JSValueConst stack, int most) {
    hc_put_literal(w, ",\"backtrace\":[");
    size_t length;
    const char *line = JS_IsUndefined(stack) ? NULL : JS_ToCStringLen(w->ctx, &length, stack);
    for (int frames = 0; line && *line && frames < most; frames++) {
        const char *end = strchr(line, '\n');
        size_t bytes = end ? (size_t)(end - line) : strlen(line);
        if (frames > 0)
            hc_put(w, ',');
        hc_put_frame(w, line, bytes);
        line += bytes + (end != NULL);
    }
    hc_put(w, ']');
}

/// Writes the pending exception, and clears it.
static void hc_put_thrown(HCWriter *w) {
    JSValue exception = JS_GetException(w->ctx);
    hc_put_literal(w, "{\"thrown\":{");
    hc_put_message(w, exception);
    hc_put_backtrace(w, JS_IsError(exception) ? hc_text_of(w->ctx, exception, "stack") : JS_UNDEFINED, HC_MOST_FRAMES);
    hc_put_literal(w, "}}");
}
