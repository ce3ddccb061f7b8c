// The bytes of texts, for `TextEncoder` and `TextDecoder`.

#define HC_REPLACEMENT 0xfffd

typedef enum HCEncoding { HC_UTF_8, HC_UTF_16LE, HC_WINDOWS_1252 } HCEncoding;

/// The characters of windows-1252 from 0x80 to 0x9f.
static const uint16_t hc_windows_1252[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
    0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
};

/// `encode(text)`: its bytes in UTF-8.
static JSValue hc_js_encode(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
    if (!text)
        return JS_EXCEPTION;
    JSValue array = JS_NewUint8ArrayCopy(ctx, (const uint8_t *)text, length);
    JS_FreeCString(ctx, text);
    uint8_t *bytes = JS_IsException(array) ? NULL : JS_GetUint8Array(ctx, &length, array);
    // QuickJS writes half of a surrogate pair as three bytes that no UTF-8 has; so has U+FFFD three.
    for (size_t i = 0; bytes && i + 2 < length; i++) {
        if (bytes[i] == 0xed && bytes[i + 1] >= 0xa0)
            memcpy(bytes + i, "\xef\xbf\xbd", 3);
    }
    return array;
}

/// The next code point, or -1 for the longest part of one that is not UTF-8.
static int hc_next_utf8(const uint8_t **at, const uint8_t *end) {
    uint8_t first = *(*at)++;
    if (first < 0x80)
        return first;
    if (first < 0xc2 || first > 0xf4)
        return -1;
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    int point = first & (0x3f >> more);
    for (; more > 0; more--) {
        if (*at == end || **at < least || **at > most)
            return -1;
        point = point << 6 | (*(*at)++ & 0x3f);
        least = 0x80;
        most = 0xbf;
    }
    return point;
}

/// Writes the UTF-16 of the bytes, which is at most as many units. Negative if they are wrong, and `is_fatal`.
static int hc_decode(uint16_t *to, const uint8_t *at, const uint8_t *end, HCEncoding encoding, bool is_fatal) {
    uint16_t *begin = to;
    while (at < end) {
        int point;
        if (encoding == HC_UTF_8) {
            point = hc_next_utf8(&at, end);
        } else if (encoding == HC_WINDOWS_1252) {
            point = *at >= 0x80 && *at < 0xa0 ? hc_windows_1252[*at - 0x80] : *at;
            at++;
        } else if (end - at < 2) {
            point = -1;
            at = end;
        } else {
            point = at[0] | at[1] << 8;
            at += 2;
            if (is_hi_surrogate((uint32_t)point) && end - at >= 2 && is_lo_surrogate((uint32_t)(at[0] | at[1] << 8))) {
                point = (int)from_surrogate((uint32_t)point, (uint32_t)(at[0] | at[1] << 8));
                at += 2;
            } else if (is_surrogate((uint32_t)point)) {
                // Half a unit behind half a pair is part of the same error.
                if (is_hi_surrogate((uint32_t)point) && end - at == 1)
                    at = end;
                point = -1;
            }
        }
        if (point < 0 && is_fatal)
            return -1;
        if (point < 0)
            point = HC_REPLACEMENT;
        if (point > 0xffff) {
            *to++ = (uint16_t)get_hi_surrogate((uint32_t)point);
            point = get_lo_surrogate((uint32_t)point);
        }
        *to++ = (uint16_t)point;
    }
    return (int)(to - begin);
}

/// A string of these units. QuickJS wants it narrow if it can be.
static JSValue hc_new_string(JSContext *ctx, const uint16_t *units, int length) {
    uint16_t all = 0;
    for (int i = 0; i < length; i++)
        all |= units[i];
    if (all > 0xff)
        return js_new_string16_len(ctx, units, length);
    JSString *string = js_alloc_string(ctx, length, false);
    if (!string)
        return JS_EXCEPTION;
    for (int i = 0; i < length; i++)
        str8(string)[i] = (uint8_t)units[i];
    str8(string)[length] = 0;
    return JS_MKPTR(JS_TAG_STRING, string);
}

/// `decode(bytes, encoding, isFatal)`: a `Uint8Array`, a number of `HCEncoding`, and a boolean. Undefined if the bytes are wrong.
static JSValue hc_js_decode(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
    size_t length;
    const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (!bytes && JS_HasException(ctx))
        return JS_EXCEPTION;
    if (length == 0)
        return js_empty_string(ctx->rt);
    HCEncoding encoding = (HCEncoding)JS_VALUE_GET_INT(argv[1]);
    if (encoding == HC_UTF_8 || encoding == HC_WINDOWS_1252) {
        size_t plain = 0;
        while (plain < length && bytes[plain] < 0x80)
            plain++;
        if (plain == length)
            return js_new_string8_len(ctx, (const char *)bytes, length);
    }
    uint16_t *units = js_malloc(ctx, length * sizeof(uint16_t));
    int count = hc_decode(units, bytes, bytes + length, encoding, JS_VALUE_GET_BOOL(argv[2]));
    JSValue text = count < 0 ? JS_UNDEFINED : hc_new_string(ctx, units, count);
    js_free(ctx, units);
    return text;
}
