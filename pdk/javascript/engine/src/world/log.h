// What `console` writes: lines of JSON in a buffer that the host reads after the call, even after a trap. Two globals of the
// module say where it is. A call that logs nothing writes nothing here.

/// A call keeps at most this many bytes of lines; later lines are dropped. The host reads fewer, unless its operator raises that.
#define HC_MOST_LOG (1024 * 1024)
/// A longer message is cut.
#define HC_MOST_LOG_MESSAGE 8192
/// Longer fields are left out of their line, which then says how long they are.
#define HC_MOST_LOG_FIELDS 16384

#ifdef QJS_DISABLE_PARSER

// C has no globals of WebAssembly.
__asm__(".globaltype log_ptr, i32\n"
        ".globl log_ptr\n"
        "log_ptr:\n"
        ".globaltype log_len, i32\n"
        ".globl log_len\n"
        "log_len:\n");

static inline uint32_t hc_log_length(void) {
    uint32_t length;
    __asm__ volatile("global.get log_len\nlocal.set %0" : "=r"(length));
    return length;
}

static inline void hc_set_log_start(const uint8_t *start) {
    __asm__ volatile("local.get %0\nglobal.set log_ptr" : : "r"(start));
}

static inline void hc_set_log_length(uint32_t length) {
    __asm__ volatile("local.get %0\nglobal.set log_len" : : "r"(length));
}

/// Appends a line. Wherever a trap ends the call, the two globals describe whole lines.
static void hc_append_log(JSContext *ctx, const uint8_t *line, size_t length) {
    size_t before = hc_log_length();
    if (before + length > HC_MOST_LOG)
        return;
    if (before + length > hc.log_room) {
        size_t room = (before + length) * 2;
        uint8_t *larger = js_malloc_rt(ctx->rt, room);
        memcpy(larger, hc.log, before);
        hc_set_log_start(larger);
        js_free_rt(ctx->rt, hc.log);
        hc.log = larger;
        hc.log_room = room;
    }
    memcpy(hc.log + before, line, length);
    hc_set_log_length(before + length);
}

/// Forgets all lines.
static void hc_clear_log(void) {
    hc_set_log_length(0);
    hc_set_log_start(NULL);
    js_free_rt(hc.context->rt, hc.log);
    hc.log = NULL;
    hc.log_room = 0;
}

/// `log(level, message, fields)`, from `console.js`: two strings, and an object or undefined. What the fields' own code throws, it
/// throws.
static JSValue hc_js_log(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
    HCWriter w = { ctx, NULL, 0, 0 };
    hc_put_literal(&w, "{\"level\":");
    hc_put_cut(&w, argv[0], HC_MOST_LOG_MESSAGE);
    hc_put_literal(&w, ",\"message\":");
    hc_put_cut(&w, argv[1], HC_MOST_LOG_MESSAGE);
    if (JS_IsObject(argv[2])) {
        hc_put_literal(&w, ",\"fields\":");
        size_t begin = w.length;
        if (hc_write_json(&w, argv[2]) < 0) {
            js_free_rt(ctx->rt, w.bytes);
            return JS_EXCEPTION;
        }
        size_t length = w.length - begin;
        if (length == 0 || w.bytes[begin] != '{' || length > HC_MOST_LOG_FIELDS) {
            w.length = begin;
            hc_put_literal(&w, "{\"omittedBytes\":");
            hc_put_number(&w, (double)length);
            hc_put(&w, '}');
        }
    }
    hc_put_literal(&w, "}\n");
    hc_append_log(ctx, w.bytes, w.length);
    js_free_rt(ctx->rt, w.bytes);
    return JS_UNDEFINED;
}

#endif
