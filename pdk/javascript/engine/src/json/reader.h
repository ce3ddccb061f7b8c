// Reads JSON faster than QuickJS's `JSON.parse`: keys are found as atoms without a string, the values of an object are collected
// first, and the object is made with its final shape. For what is rare (very large arrays, deep nesting, long numbers)
// the caller falls back to QuickJS.

/// Larger objects are rarely alike, and each of their keys would cost a shape.
#define HC_MOST_KEYS_LEARNED 16
/// So many shapes of objects are kept in a call.
#define HC_LESSONS 32

typedef struct HCReader {
    JSContext *ctx;
    const uint8_t *at;
    const uint8_t *end;
} HCReader;

typedef struct HCMember {
    JSValue value;
    JSAtom key;
} HCMember;

static JSValue hc_read_value(HCReader *r);

static inline void hc_skip_space(HCReader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
        r->at++;
}

static inline bool hc_take(HCReader *r, uint8_t byte) {
    hc_skip_space(r);
    if (r->at < r->end && *r->at == byte) {
        r->at++;
        return true;
    }
    return false;
}

static bool hc_take_word(HCReader *r, const char *word, size_t length) {
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0)
        return false;
    r->at += length;
    return true;
}

static int hc_hex_digit(uint8_t byte) {
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/// The end of the bytes that are themselves in a JSON string: ASCII that needs no escape. Eight are looked at together; a borrow can
/// only make one that is such a byte look like another.
static const uint8_t *hc_plain_end(const uint8_t *at, const uint8_t *end) {
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    for (; end - at >= 8; at += 8) {
        uint64_t bytes;
        memcpy(&bytes, at, sizeof(bytes));
        uint64_t quotes = bytes ^ (ones * '"'), slashes = bytes ^ (ones * '\\');
        if ((bytes | (bytes - ones * 0x20) | (quotes - ones) | (slashes - ones)) & tops)
            break;
    }
    while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
        at++;
    return at;
}

/// The next UTF-16 unit or code point of a string, or -1. A code point above 0xffff comes only from UTF-8.
static int hc_read_character(HCReader *r) {
    uint8_t first = *r->at++;
    if (first == '\\') {
        if (r->at == r->end)
            return -1;
        switch (*r->at++) {
        case '"': return '"';
        case '\\': return '\\';
        case '/': return '/';
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case 'u': break;
        default: return -1;
        }
        if (r->end - r->at < 4)
            return -1;
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = hc_hex_digit(*r->at++);
            if (digit < 0)
                return -1;
            unit = unit << 4 | digit;
        }
        return unit;
    }
    if (first < 0x20)
        return -1;
    if (first < 0x80)
        return first;
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || r->end - r->at < more)
        return -1;
    int point = first & (0x3f >> more);
    for (int i = 0; i < more; i++) {
        uint8_t next = *r->at++;
        if ((next & 0xc0) != 0x80)
            return -1;
        point = point << 6 | (next & 0x3f);
    }
    if ((more == 2 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) ||
        (more == 3 && (point < 0x10000 || point > 0x10ffff)))
        return -1;
    return point;
}

/// A string with escapes or other characters than ASCII; `r->at` is behind its opening quote. One pass measures, one writes.
static no_inline JSValue hc_read_mixed_string(HCReader *r) {
    const uint8_t *begin = r->at;
    int length = 0, all = 0;
    for (;;) {
        const uint8_t *plain = r->at;
        r->at = hc_plain_end(plain, r->end);
        length += (int)(r->at - plain);
        if (r->at == r->end)
            return JS_EXCEPTION;
        if (*r->at == '"')
            break;
        int character = hc_read_character(r);
        if (character < 0)
            return JS_EXCEPTION;
        all |= character;
        length += character > 0xffff ? 2 : 1;
    }
    r->at = begin;
    bool is_wide = all > 0xff;
    JSString *string = js_alloc_string(r->ctx, length, is_wide);
    if (!string)
        return JS_EXCEPTION;
    for (int i = 0;; i++) {
        const uint8_t *plain = r->at;
        r->at = hc_plain_end(plain, r->end);
        if (is_wide) {
            while (plain < r->at)
                str16(string)[i++] = *plain++;
        } else {
            memcpy(str8(string) + i, plain, (size_t)(r->at - plain));
            i += (int)(r->at - plain);
        }
        if (*r->at == '"')
            break;
        int character = hc_read_character(r);
        if (!is_wide) {
            str8(string)[i] = (uint8_t)character;
        } else if (character > 0xffff) {
            str16(string)[i++] = (uint16_t)(0xd7c0 + (character >> 10));
            str16(string)[i] = (uint16_t)(0xdc00 + (character & 0x3ff));
        } else {
            str16(string)[i] = (uint16_t)character;
        }
    }
    r->at++;
    if (!is_wide)
        str8(string)[length] = 0;
    return JS_MKPTR(JS_TAG_STRING, string);
}

/// The length of the plain ASCII up to the closing quote, or -1.
static inline int hc_plain_length(const HCReader *r) {
    const uint8_t *at = hc_plain_end(r->at, r->end);
    return at < r->end && *at == '"' ? (int)(at - r->at) : -1;
}

/// `r->at` is behind the opening quote.
static JSValue hc_read_string(HCReader *r) {
    int length = hc_plain_length(r);
    if (length < 0)
        return hc_read_mixed_string(r);
    const char *text = (const char *)r->at;
    r->at += length + 1;
    return length == 0 ? js_empty_string(r->ctx->rt) : js_new_string8_len(r->ctx, text, length);
}

/// `r->at` is behind the opening quote. `JS_ATOM_NULL` if there is no key.
static JSAtom hc_read_key(HCReader *r) {
    int length = hc_plain_length(r);
    // A key that begins with a digit may be an index, which QuickJS writes in another way.
    if (length > 0 && !is_digit(*r->at)) {
        const char *text = (const char *)r->at;
        r->at += length + 1;
        JSAtom atom = __JS_FindAtom(r->ctx->rt, text, (size_t)length, JS_ATOM_TYPE_STRING);
        return atom != JS_ATOM_NULL ? atom : JS_NewAtomLen(r->ctx, text, (size_t)length);
    }
    JSValue string = hc_read_string(r);
    if (JS_IsException(string))
        return JS_ATOM_NULL;
    JSAtom atom = JS_ValueToAtom(r->ctx, string);
    JS_FreeValue(r->ctx, string);
    return atom;
}

static JSValue hc_read_number(HCReader *r) {
    static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
    const uint8_t *begin = r->at, *at = begin;
    bool is_negative = *at == '-';
    at += is_negative;
    const uint8_t *digits = at;
    uint64_t number = 0;
    int count = 0, behind_point = 0;
    while (at < r->end && is_digit(*at)) {
        number = number * 10 + (uint64_t)(*at++ - '0');
        count++;
    }
    if (count == 0 || (count > 1 && *digits == '0'))
        return JS_EXCEPTION;
    bool is_long = false;
    if (at < r->end && *at == '.') {
        at++;
        while (at < r->end && is_digit(*at)) {
            number = number * 10 + (uint64_t)(*at++ - '0');
            behind_point++;
        }
        if (behind_point == 0)
            return JS_EXCEPTION;
    }
    if (at < r->end && (*at | 0x20) == 'e') {
        is_long = true;
        at++;
        if (at < r->end && (*at == '+' || *at == '-'))
            at++;
        if (at == r->end || !is_digit(*at))
            return JS_EXCEPTION;
        while (at < r->end && is_digit(*at))
            at++;
    }
    r->at = at;
    double value;
    if (!is_long && count + behind_point <= 15) {
        // Both are exact, so the quotient is the nearest number.
        value = (double)number / powers[behind_point];
    } else if (at == r->end) {
        return JS_EXCEPTION; // no byte behind it that would end the number
    } else {
        JSATODTempMem room;
        value = js_atod((const char *)(begin + is_negative), NULL, 10, 0, &room);
    }
    return is_negative && value == 0 ? js_float64(-0.0) : js_number(is_negative ? -value : value);
}

static JSValue hc_new_object(JSContext *ctx, const HCMember *members, int count) {
    JSRuntime *rt = ctx->rt;
    JSObject *proto = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_OBJECT]);
    JSShape *shape = find_hashed_shape_proto(rt, proto);
    if (!shape) {
        JSValue empty = JS_NewObject(ctx);
        shape = JS_VALUE_GET_OBJ(empty)->shape; // in use by `empty`, which is never freed
    }
    // A shape with these keys so far is known only if no key comes twice.
    int known = 0;
    for (; known < count; known++) {
        JSShape *next = find_hashed_shape_prop(rt, shape, members[known].key, JS_PROP_C_W_E);
        if (!next)
            break;
        shape = next;
    }
    JSValue object = JS_NewObjectFromShape(ctx, js_dup_shape(shape), JS_CLASS_OBJECT, NULL);
    JSObject *p = JS_VALUE_GET_OBJ(object);
    for (int i = 0; i < known; i++)
        p->prop[i].u.value = members[i].value;
    // A shape that the next object of a list may have again is worth keeping, but a text must not make very many.
    bool was_learning = hc.is_learning;
    if (known < count && count <= HC_MOST_KEYS_LEARNED && hc.lessons > 0) {
        hc.lessons--;
        hc.is_learning = true;
    }
    for (int i = known; i < count; i++) {
        JSProperty *property;
        if (find_own_property(&property, p, members[i].key)) {
            set_value(ctx, &property->u.value, members[i].value);
        } else {
            property = add_property(ctx, p, members[i].key, JS_PROP_C_W_E);
            property->u.value = members[i].value;
        }
    }
    hc.is_learning = was_learning;
    for (int i = 0; i < count; i++)
        JS_FreeAtom(ctx, members[i].key);
    return object;
}

/// `r->at` is behind the opening brace.
static JSValue hc_read_object(HCReader *r) {
    HCMember *members = (HCMember *)(void *)hc.frame_top;
    int count = 0;
    if (!hc_take(r, '}')) {
        do {
            if (!hc_take(r, '"'))
                return JS_EXCEPTION;
            JSAtom key = hc_read_key(r);
            if (key == JS_ATOM_NULL || !hc_take(r, ':'))
                return JS_EXCEPTION;
            JSValue value = hc_read_value(r);
            HCMember *member = hc_frame(sizeof(HCMember));
            if (JS_IsException(value) || !member)
                return JS_EXCEPTION;
            member->key = key;
            member->value = value;
            count++;
        } while (hc_take(r, ','));
        if (!hc_take(r, '}'))
            return JS_EXCEPTION;
    }
    hc.frame_top = (uint8_t *)members;
    return hc_new_object(r->ctx, members, count);
}

/// `r->at` is behind the opening bracket.
static JSValue hc_read_array(HCReader *r) {
    JSValue *values = (JSValue *)(void *)hc.frame_top;
    int count = 0;
    if (!hc_take(r, ']')) {
        do {
            JSValue value = hc_read_value(r);
            JSValue *place = hc_frame(sizeof(JSValue));
            if (JS_IsException(value) || !place)
                return JS_EXCEPTION;
            *place = value;
            count++;
        } while (hc_take(r, ','));
        if (!hc_take(r, ']'))
            return JS_EXCEPTION;
    }
    hc.frame_top = (uint8_t *)values;
    return JS_NewArrayFrom(r->ctx, count, values);
}

static JSValue hc_read_value(HCReader *r) {
    if (unlikely(js_check_stack_overflow(r->ctx->rt, 0)))
        return JS_EXCEPTION;
    hc_skip_space(r);
    if (r->at == r->end)
        return JS_EXCEPTION;
    switch (*r->at) {
    case '{':
        r->at++;
        return hc_read_object(r);
    case '[':
        r->at++;
        return hc_read_array(r);
    case '"':
        r->at++;
        return hc_read_string(r);
    case 't':
        return hc_take_word(r, "true", 4) ? JS_TRUE : JS_EXCEPTION;
    case 'f':
        return hc_take_word(r, "false", 5) ? JS_FALSE : JS_EXCEPTION;
    case 'n':
        return hc_take_word(r, "null", 4) ? JS_NULL : JS_EXCEPTION;
    default:
        return *r->at == '-' || is_digit(*r->at) ? hc_read_number(r) : JS_EXCEPTION;
    }
}

/// `JS_EXCEPTION`, without an exception, if the fast reader does not take this text. What it made until then is not freed.
static JSValue hc_read_json(JSContext *ctx, const uint8_t *text, size_t length) {
    HCReader reader = { ctx, text, text + length };
    uint8_t *mark = hc.frame_top;
    JSValue value = hc_read_value(&reader);
    hc.frame_top = mark;
    hc_skip_space(&reader);
    return reader.at == reader.end ? value : JS_EXCEPTION;
}
