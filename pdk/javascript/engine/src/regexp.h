// `test` and `split` without what only JavaScript that changes regular expressions could see: an object for each match, and for `split`
// another regular expression, compiled anew. Where anything is changed, QuickJS's own ways are taken.

/// The value of a property that is no accessor; undefined if there is none.
static JSValueConst hc_own_value(JSObject *p, JSAtom name) {
    JSProperty *property;
    JSShapeProperty *shape_property = find_own_property(&property, p, name);
    return shape_property && (shape_property->flags & JS_PROP_TMASK) == JS_PROP_NORMAL ? property->u.value : JS_UNDEFINED;
}

/// Whether a property is an accessor with this getter.
static bool hc_has_getter(JSContext *ctx, JSObject *p, JSAtom name, void *getter, int magic) {
    JSProperty *property;
    JSShapeProperty *shape_property = find_own_property(&property, p, name);
    return shape_property && (shape_property->flags & JS_PROP_TMASK) == JS_PROP_GETSET && property->u.getset.getter &&
           JS_IsCFunction(ctx, JS_MKPTR(JS_TAG_OBJECT, property->u.getset.getter), (JSCFunction *)getter, magic);
}

/// The regular expression, if it runs as it was made: it has no property but `lastIndex`, which is a number that can change, and `exec`
/// is the built-in one. Else NULL.
static JSRegExp *hc_plain_regexp(JSContext *ctx, JSValueConst value) {
    if (JS_VALUE_GET_TAG(value) != JS_TAG_OBJECT)
        return NULL;
    JSObject *p = JS_VALUE_GET_OBJ(value), *proto = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_REGEXP]);
    if (p->class_id != JS_CLASS_REGEXP || p->shape->proto != proto || p->shape->prop_count != 1)
        return NULL;
    const JSShapeProperty *last_index = get_shape_prop(p->shape);
    if (last_index->atom != JS_ATOM_lastIndex || last_index->flags != JS_PROP_WRITABLE ||
        JS_VALUE_GET_TAG(p->prop[0].u.value) != JS_TAG_INT || JS_VALUE_GET_INT(p->prop[0].u.value) < 0)
        return NULL;
    if (!JS_IsCFunction(ctx, hc_own_value(proto, JS_ATOM_exec), js_regexp_exec, 0))
        return NULL;
    return &p->u.regexp;
}

/// Whether the flags of plain regular expressions are read as they were made, and `split` would make another one with `RegExp`.
static bool hc_is_split_plain(JSContext *ctx) {
    static const struct {
        const char *name;
        int flag;
    } flags[] = { { "hasIndices", LRE_FLAG_INDICES }, { "global", LRE_FLAG_GLOBAL },       { "ignoreCase", LRE_FLAG_IGNORECASE },
                  { "multiline", LRE_FLAG_MULTILINE }, { "dotAll", LRE_FLAG_DOTALL },       { "unicode", LRE_FLAG_UNICODE },
                  { "sticky", LRE_FLAG_STICKY },       { "unicodeSets", LRE_FLAG_UNICODE_SETS } };
    JSObject *proto = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_REGEXP]), *constructor = JS_VALUE_GET_OBJ(ctx->regexp_ctor);
    JSValueConst own = hc_own_value(proto, JS_ATOM_constructor);
    if (JS_VALUE_GET_TAG(own) != JS_TAG_OBJECT || JS_VALUE_GET_OBJ(own) != constructor ||
        !hc_has_getter(ctx, constructor, JS_ATOM_Symbol_species, js_get_this, 0) ||
        !hc_has_getter(ctx, proto, JS_ATOM_flags, js_regexp_get_flags, 0))
        return false;
    for (size_t i = 0; i < countof(flags); i++) {
        JSAtom name = __JS_FindAtom(ctx->rt, flags[i].name, strlen(flags[i].name), JS_ATOM_TYPE_STRING);
        bool is_plain = name != JS_ATOM_NULL && hc_has_getter(ctx, proto, name, js_regexp_get_flag, flags[i].flag);
        JS_FreeAtom(ctx, name);
        if (!is_plain)
            return false;
    }
    return true;
}

/// `test`: 0 or 1, or -1 if QuickJS's own way is to be taken.
static int hc_regexp_test(JSContext *ctx, JSValueConst value, JSValueConst text) {
    JSRegExp *re = hc_plain_regexp(ctx, value);
    if (!re || JS_VALUE_GET_TAG(text) != JS_TAG_STRING)
        return -1;
    JSString *string = JS_VALUE_GET_STRING(text);
    uint8_t *bytecode = str8(re->bytecode), *begin = str8(string);
    JSValue *last_index = &JS_VALUE_GET_OBJ(value)->prop[0].u.value;
    bool moves = lre_get_flags(bytecode) & (LRE_FLAG_GLOBAL | LRE_FLAG_STICKY);
    int from = moves ? JS_VALUE_GET_INT(*last_index) : 0;
    if (from > (int)string->len)
        return -1;
    uint8_t **capture = js_malloc(ctx, sizeof(capture[0]) * (size_t)lre_get_alloc_count(bytecode));
    int found = lre_exec(capture, bytecode, begin, from, (int)string->len, string->is_wide_char, ctx);
    if (found >= 0 && moves)
        *last_index = js_int32(found ? (int)((capture[1] - begin) >> string->is_wide_char) : 0);
    js_free(ctx, capture);
    return found < 0 ? -1 : found;
}

/// Adds a part of a text, or undefined, to an array.
static void hc_append_part(JSContext *ctx, JSValueConst array, int64_t index, JSString *string, int begin, int end) {
    JSValue part = begin < 0 ? JS_UNDEFINED : js_sub_string(ctx, string, begin, end);
    JS_DefinePropertyValueInt64(ctx, array, index, part, JS_PROP_C_W_E | JS_PROP_THROW);
}

/// `split` of a string without a limit; undefined if QuickJS's own way is to be taken.
static JSValue hc_regexp_split(JSContext *ctx, JSValueConst value, JSValueConst text) {
    JSRegExp *re = hc_plain_regexp(ctx, value);
    if (!re || JS_VALUE_GET_TAG(text) != JS_TAG_STRING || !hc_is_split_plain(ctx))
        return JS_UNDEFINED;
    JSString *string = JS_VALUE_GET_STRING(text);
    uint8_t *bytecode = str8(re->bytecode), *begin = str8(string);
    int size = (int)string->len, shift = string->is_wide_char;
    // A sticky one looks at each place by itself, and with these flags a place may be two units long.
    if (size == 0 || lre_get_flags(bytecode) & (LRE_FLAG_STICKY | LRE_FLAG_UNICODE | LRE_FLAG_UNICODE_SETS))
        return JS_UNDEFINED;
    int captures = lre_get_capture_count(bytecode);
    uint8_t **capture = js_malloc(ctx, sizeof(capture[0]) * (size_t)lre_get_alloc_count(bytecode));
    JSValue array = JS_NewArray(ctx);
    int64_t count = 0;
    int part = 0, from = 0, found = 1;
    while (from < size && (found = lre_exec(capture, bytecode, begin, from, size, shift, ctx)) == 1) {
        int start = (int)((capture[0] - begin) >> shift), end = (int)((capture[1] - begin) >> shift);
        if (start >= size)
            break;
        if (end == part) {
            from = start + 1;
            continue;
        }
        hc_append_part(ctx, array, count++, string, part, start);
        for (int i = 1; i < captures; i++) {
            uint8_t **match = &capture[2 * i];
            bool is_there = match[0] && match[1];
            hc_append_part(ctx, array, count++, string, is_there ? (int)((match[0] - begin) >> shift) : -1,
                           is_there ? (int)((match[1] - begin) >> shift) : -1);
        }
        part = from = end;
    }
    js_free(ctx, capture);
    if (found < 0) {
        JS_FreeValue(ctx, array);
        return JS_UNDEFINED;
    }
    hc_append_part(ctx, array, count, string, part, size);
    return array;
}
