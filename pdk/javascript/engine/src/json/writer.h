// Writes JSON as `JSON.stringify` does, straight to UTF-8. It runs no code of the plugin: where JavaScript could notice that a
// value is written (a getter, `toJSON`, a proxy), or where the order of keys is special, it gives up, and `JSON.stringify` writes.

typedef struct HCWriter {
    JSContext *ctx;
    uint8_t *bytes;
    size_t length;
    size_t room;
} HCWriter;

/// Deeper values, and values that contain themselves, are `JSON.stringify`'s.
#define HC_MOST_NESTING 200

static inline uint8_t *hc_room(HCWriter *w, size_t bytes) {
    if (unlikely(w->room - w->length < bytes)) {
        size_t room = (w->room + bytes) * 3 / 2 + 64;
        w->bytes = js_realloc_rt(w->ctx->rt, w->bytes, room);
        w->room = js_malloc_usable_size_rt(w->ctx->rt, w->bytes);
    }
    return w->bytes + w->length;
}

static inline void hc_put(HCWriter *w, uint8_t byte) {
    *hc_room(w, 1) = byte;
    w->length++;
}

static void hc_put_text(HCWriter *w, const char *text, size_t length) {
    memcpy(hc_room(w, length), text, length);
    w->length += length;
}
#define hc_put_literal(w, text) hc_put_text(w, text, sizeof(text) - 1)

static uint8_t *hc_escape(uint8_t *to, uint32_t unit) {
    static const char hex[] = "0123456789abcdef";
    static const char named[] = "btn?fr";
    *to++ = '\\';
    if (unit == '"' || unit == '\\') {
        *to++ = (uint8_t)unit;
    } else if (unit >= 8 && unit <= 13 && unit != 11) {
        *to++ = (uint8_t)named[unit - 8];
    } else {
        *to++ = 'u';
        for (int shift = 12; shift >= 0; shift -= 4)
            *to++ = (uint8_t)hex[unit >> shift & 15];
    }
    return to;
}

/// So many units are written at once, because each can become six bytes.
#define HC_UNITS_AT_ONCE 1024

/// Without quotes, and at most `HC_UNITS_AT_ONCE`.
static void hc_put_latin1_part(HCWriter *w, const uint8_t *units, size_t length) {
    uint8_t *to = hc_room(w, length * 6);
    for (size_t i = 0; i < length; i++) {
        uint8_t unit = units[i];
        if (unlikely(unit < 0x20 || unit == '"' || unit == '\\')) {
            to = hc_escape(to, unit);
        } else if (unlikely(unit >= 0x80)) {
            *to++ = (uint8_t)(0xc0 | unit >> 6);
            *to++ = (uint8_t)(0x80 | (unit & 0x3f));
        } else {
            *to++ = unit;
        }
    }
    w->length = (size_t)(to - w->bytes);
}

static void hc_put_latin1(HCWriter *w, const uint8_t *units, size_t length) {
    const uint8_t *end = units + length;
    hc_put(w, '"');
    while (units < end) {
        const uint8_t *plain_end = hc_plain_end(units, end);
        hc_put_text(w, (const char *)units, (size_t)(plain_end - units));
        units = plain_end;
        const uint8_t *part_end = units;
        while (part_end < end && part_end - units < HC_UNITS_AT_ONCE && (*part_end >= 0x80 || *part_end < 0x20 || *part_end == '"' || *part_end == '\\'))
            part_end++;
        hc_put_latin1_part(w, units, (size_t)(part_end - units));
        units = part_end;
    }
    hc_put(w, '"');
}

/// Without quotes, and at most `HC_UNITS_AT_ONCE`; the last one may be the first half of a pair only at the end of the string.
static void hc_put_utf16_part(HCWriter *w, const uint16_t *units, size_t length) {
    uint8_t *to = hc_room(w, length * 6);
    for (size_t i = 0; i < length; i++) {
        uint32_t unit = units[i];
        if (unit < 0x20 || unit == '"' || unit == '\\') {
            to = hc_escape(to, unit);
        } else if (unit < 0x80) {
            *to++ = (uint8_t)unit;
        } else if (unit < 0x800) {
            *to++ = (uint8_t)(0xc0 | unit >> 6);
            *to++ = (uint8_t)(0x80 | (unit & 0x3f));
        } else if (unit < 0xdc00 && unit >= 0xd800 && i + 1 < length && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000) {
            uint32_t point = 0x10000 + ((unit & 0x3ff) << 10) + (units[++i] & 0x3ffu);
            *to++ = (uint8_t)(0xf0 | point >> 18);
            *to++ = (uint8_t)(0x80 | (point >> 12 & 0x3f));
            *to++ = (uint8_t)(0x80 | (point >> 6 & 0x3f));
            *to++ = (uint8_t)(0x80 | (point & 0x3f));
        } else if (unit >= 0xd800 && unit < 0xe000) {
            to = hc_escape(to, unit);
        } else {
            *to++ = (uint8_t)(0xe0 | unit >> 12);
            *to++ = (uint8_t)(0x80 | (unit >> 6 & 0x3f));
            *to++ = (uint8_t)(0x80 | (unit & 0x3f));
        }
    }
    w->length = (size_t)(to - w->bytes);
}

static void hc_put_utf16(HCWriter *w, const uint16_t *units, size_t length) {
    hc_put(w, '"');
    while (length > 0) {
        size_t count = length > HC_UNITS_AT_ONCE ? HC_UNITS_AT_ONCE : length;
        if (count < length && units[count - 1] >= 0xd800 && units[count - 1] < 0xdc00)
            count--;
        hc_put_utf16_part(w, units, count);
        units += count;
        length -= count;
    }
    hc_put(w, '"');
}

static void hc_put_string(HCWriter *w, JSString *string) {
    if (string->is_wide_char)
        hc_put_utf16(w, str16(string), string->len);
    else
        hc_put_latin1(w, str8(string), string->len);
}

/// Writes text; cuts it at this many units.
static void hc_put_cut(HCWriter *w, JSValueConst text, size_t most) {
    JSValue flat = JS_UNDEFINED;
    if (JS_VALUE_GET_TAG(text) == JS_TAG_STRING_ROPE)
        flat = js_linearize_string_rope(w->ctx, text);
    JSString *string = JS_VALUE_GET_STRING(JS_IsUndefined(flat) ? text : flat);
    size_t length = string->len > most ? most : string->len;
    if (string->is_wide_char)
        hc_put_utf16(w, str16(string), length);
    else
        hc_put_latin1(w, str8(string), length);
    JS_FreeValue(w->ctx, flat);
}

static void hc_put_number(HCWriter *w, double number) {
    if (!isfinite(number)) {
        hc_put_literal(w, "null");
        return;
    }
    JSDTOATempMem room;
    w->length += (size_t)js_dtoa((char *)hc_room(w, 128), number, 10, 0, JS_DTOA_FORMAT_FREE, &room);
}

static bool hc_put_value(HCWriter *w, JSValueConst value, int depth);

/// Whether an object is written without asking it: `toJSON` is nowhere on the way up.
static bool hc_is_simple(JSContext *ctx, const JSObject *p, JSClassID class) {
    JSObject *proto = p->shape->proto;
    JSObject *objects = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_OBJECT]);
    if (class == JS_CLASS_ARRAY) {
        if (!proto || proto != JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_ARRAY]) ||
            find_own_property1(proto, JS_ATOM_toJSON))
            return false;
        proto = proto->shape->proto;
    }
    return !proto || (proto == objects && !find_own_property1(objects, JS_ATOM_toJSON) && !objects->shape->proto);
}

static bool hc_put_array(HCWriter *w, JSObject *p, int depth) {
    if (!p->fast_array || p->shape->prop_count != 1 || (uint32_t)JS_VALUE_GET_INT(p->prop[0].u.value) != p->u.array.count)
        return false;
    hc_put(w, '[');
    for (uint32_t i = 0; i < p->u.array.count; i++) {
        if (i > 0)
            hc_put(w, ',');
        size_t before = w->length;
        if (!hc_put_value(w, p->u.array.u.values[i], depth))
            return false;
        if (w->length == before)
            hc_put_literal(w, "null");
    }
    hc_put(w, ']');
    return true;
}

static bool hc_put_object(HCWriter *w, JSObject *p, int depth) {
    JSRuntime *rt = w->ctx->rt;
    JSShapeProperty *property = get_shape_prop(p->shape);
    bool is_first = true;
    hc_put(w, '{');
    for (int i = 0; i < p->shape->prop_count; i++, property++) {
        JSAtom key = property->atom;
        if (key == JS_ATOM_NULL || !(property->flags & JS_PROP_ENUMERABLE))
            continue;
        if (__JS_AtomIsTaggedInt(key) || (property->flags & JS_PROP_TMASK) || key == JS_ATOM_toJSON)
            return false;
        JSString *name = rt->atom_array[key];
        if (name->atom_type != JS_ATOM_TYPE_STRING)
            continue; // a symbol
        // A number above 2^31 is an index too, and its place is in front.
        if (name->len > 0 && name->len <= 10 && !name->is_wide_char && is_digit(str8(name)[0]))
            return false;
        size_t before = w->length;
        if (!is_first)
            hc_put(w, ',');
        hc_put_string(w, name);
        hc_put(w, ':');
        size_t behind_key = w->length;
        if (!hc_put_value(w, p->prop[i].u.value, depth))
            return false;
        if (w->length == behind_key)
            w->length = before; // a function, a symbol or undefined
        else
            is_first = false;
    }
    hc_put(w, '}');
    return true;
}

/// Writes nothing for what JSON does not have. False if the value is `JSON.stringify`'s.
static bool hc_put_value(HCWriter *w, JSValueConst value, int depth) {
    switch (JS_VALUE_GET_NORM_TAG(value)) {
    case JS_TAG_INT:
        w->length += i32toa((char *)hc_room(w, 16), JS_VALUE_GET_INT(value));
        return true;
    case JS_TAG_BOOL:
        if (JS_VALUE_GET_BOOL(value))
            hc_put_literal(w, "true");
        else
            hc_put_literal(w, "false");
        return true;
    case JS_TAG_NULL:
        hc_put_literal(w, "null");
        return true;
    case JS_TAG_UNDEFINED:
    case JS_TAG_SYMBOL:
        return true;
    case JS_TAG_FLOAT64:
        hc_put_number(w, JS_VALUE_GET_FLOAT64(value));
        return true;
    case JS_TAG_STRING:
        hc_put_string(w, JS_VALUE_GET_STRING(value));
        return true;
    case JS_TAG_STRING_ROPE: {
        JSValue flat = js_linearize_string_rope(w->ctx, value);
        if (JS_IsException(flat))
            return false;
        hc_put_string(w, JS_VALUE_GET_STRING(flat));
        JS_FreeValue(w->ctx, flat);
        return true;
    }
    case JS_TAG_OBJECT: {
        JSObject *p = JS_VALUE_GET_OBJ(value);
        if (depth >= HC_MOST_NESTING || !hc_is_simple(w->ctx, p, p->class_id))
            return false;
        if (p->class_id == JS_CLASS_ARRAY)
            return hc_put_array(w, p, depth + 1);
        return p->class_id == JS_CLASS_OBJECT && !p->is_exotic && hc_put_object(w, p, depth + 1);
    }
    default:
        return false;
    }
}

/// Appends a value; appends nothing for what JSON does not have. Negative if an exception is pending.
static int hc_write_json(HCWriter *w, JSValueConst value) {
    size_t before = w->length;
    if (likely(hc_put_value(w, value, 0)))
        return 0;
    w->length = before;
    JSValue text = JS_JSONStringify(w->ctx, value, JS_UNDEFINED, JS_UNDEFINED);
    if (JS_IsException(text))
        return -1;
    if (JS_IsString(text)) {
        size_t length;
        const char *bytes = JS_ToCStringLen(w->ctx, &length, text);
        if (!bytes)
            return -1;
        hc_put_text(w, bytes, length);
        JS_FreeCString(w->ctx, bytes);
    }
    JS_FreeValue(w->ctx, text);
    return 0;
}
