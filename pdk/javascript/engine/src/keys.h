// The keys that `for (… in …)` lists, without an object that is made for them.

/// Whether the keys are the shape's, in its order: no index, which would come first, no symbol, and nothing that is made when it is
/// asked for. A shape that others have too does not change while it is held.
static bool hc_is_list_of_keys(JSContext *ctx, JSObject *p) {
    JSShape *shape = p->shape;
    if (p->is_exotic || p->fast_array || !shape->is_hashed)
        return false;
    JSShapeProperty *property = get_shape_prop(shape);
    for (int i = 0; i < shape->prop_count; i++, property++) {
        uint32_t index;
        if (property->atom != JS_ATOM_NULL &&
            (JS_AtomGetKind(ctx, property->atom) != JS_ATOM_KIND_STRING || JS_AtomIsArrayIndex(ctx, &index, property->atom) ||
             (property->flags & JS_PROP_TMASK) == JS_PROP_VARREF))
            return false;
    }
    return true;
}

/// Whether an object has no property that can be listed.
static bool hc_lists_nothing(JSObject *p) {
    if (p->is_exotic || p->fast_array)
        return false;
    JSShapeProperty *property = get_shape_prop(p->shape);
    for (int i = 0; i < p->shape->prop_count; i++, property++) {
        if (property->atom != JS_ATOM_NULL && (property->flags & JS_PROP_ENUMERABLE))
            return false;
    }
    return true;
}
