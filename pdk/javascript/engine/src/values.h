// What the interpreter does with most values, without a call of another function.

static void js_free_value_rt(JSRuntime *rt, JSValue v);

static inline __attribute__((always_inline)) void hc_free_value(JSContext *ctx, JSValue value) {
    if (JS_VALUE_HAS_REF_COUNT(value) && hc_release(JS_VALUE_GET_PTR(value)) <= 0)
        js_free_value_rt(ctx->rt, value);
}

/// An atom as a value, as `JS_AtomToValue` does it.
static inline JSValue hc_atom_value(JSContext *ctx, JSAtom atom) {
    if (unlikely(__JS_AtomIsTaggedInt(atom)))
        return JS_AtomToValue(ctx, atom);
    JSAtomStruct *string = ctx->rt->atom_array[atom];
    return js_dup(JS_MKPTR(string->atom_type == JS_ATOM_TYPE_STRING ? JS_TAG_STRING : JS_TAG_SYMBOL, string));
}

/// Whether values of this kind are the same only if all their bits are.
static inline bool hc_is_plain_tag(int tag) {
    return tag == JS_TAG_OBJECT || tag == JS_TAG_UNDEFINED || tag == JS_TAG_NULL || tag == JS_TAG_BOOL || tag == JS_TAG_SYMBOL;
}

/// `===`: 0 or 1, or -1 if it takes longer to tell.
static inline int hc_is_same(JSValueConst one, JSValueConst other) {
    int tag = JS_VALUE_GET_TAG(one), other_tag = JS_VALUE_GET_TAG(other);
    if (hc_is_plain_tag(tag) || hc_is_plain_tag(other_tag))
        return tag == other_tag && JS_VALUE_GET_PTR(one) == JS_VALUE_GET_PTR(other);
    if (tag != JS_TAG_STRING || other_tag != JS_TAG_STRING)
        return -1;
    const JSString *text = JS_VALUE_GET_STRING(one), *other_text = JS_VALUE_GET_STRING(other);
    return text == other_text ? 1 : text->len != other_text->len ? 0 : -1;
}

static inline int hc_compare_strictly(JSContext *ctx, JSValue *sp, bool is_neq) {
    int is_same = hc_is_same(sp[-2], sp[-1]);
    if (unlikely(is_same < 0))
        return js_strict_eq_slow(ctx, sp, is_neq);
    hc_free_value(ctx, sp[-2]);
    hc_free_value(ctx, sp[-1]);
    sp[-2] = js_bool(is_same ^ is_neq);
    return 0;
}

/// Spreads the differences of hashes over all their bits.
static inline uint32_t hc_mix(uint32_t hash) {
    hash = (hash ^ hash >> 16) * 0x85ebca6b;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35;
    return hash ^ hash >> 16;
}
