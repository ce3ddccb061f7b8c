// New properties of objects that are not exotic, and new functions: what QuickJS does for them, without what it asks first.

/// Adds a property that the object does not have. False if it has it, or if more has to be asked. Takes the value only if it is
/// true.
static inline bool hc_add_new_property(JSContext *ctx, JSValueConst object, JSAtom name, JSValue value, int flags) {
    if (JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT)
        return false;
    JSObject *p = JS_VALUE_GET_OBJ(object);
    JSProperty *property;
    if (p->is_exotic || !p->extensible || find_own_property(&property, p, name))
        return false;
    property = add_property(ctx, p, name, flags & JS_PROP_C_W_E);
    property->u.value = value;
    return true;
}

/// Names a function that has an empty name of its own. False if it is anything else.
static bool hc_name_function(JSContext *ctx, JSValueConst function, JSAtom name, int flags) {
    if (JS_VALUE_GET_TAG(function) != JS_TAG_OBJECT)
        return false;
    JSObject *p = JS_VALUE_GET_OBJ(function);
    if (p->class_id != JS_CLASS_BYTECODE_FUNCTION || p->shape->prop_count < 2)
        return false;
    const JSShapeProperty *known = &get_shape_prop(p->shape)[1];
    JSValue *value = &p->prop[1].u.value;
    if (known->atom != JS_ATOM_name || known->flags != JS_PROP_CONFIGURABLE || flags != JS_PROP_CONFIGURABLE ||
        JS_VALUE_GET_TAG(*value) != JS_TAG_STRING || JS_VALUE_GET_STRING(*value)->len != 0)
        return false;
    set_value(ctx, value, JS_AtomToString(ctx, name));
    return true;
}

/// The shape of a new function, `length`, `name` and perhaps `prototype`; NULL if none has been made yet, or if it is not an ordinary
/// function.
static JSShape *hc_function_shape(const JSFunctionBytecode *code) {
    return code->func_kind == JS_FUNC_NORMAL ? hc.function_shapes[code->has_prototype] : NULL;
}

/// Keeps the shape of a function that has just been made.
static void hc_keep_function_shape(JSValueConst function, const JSFunctionBytecode *code) {
    JSShape *shape = JS_VALUE_GET_OBJ(function)->shape;
    if (code->func_kind == JS_FUNC_NORMAL && shape->is_hashed)
        hc.function_shapes[code->has_prototype] = js_dup_shape(shape);
}

/// A new function of this shape.
static JSValue hc_new_function(JSContext *ctx, const JSFunctionBytecode *code, JSShape *shape) {
    JSValue function = JS_NewObjectFromShape(ctx, js_dup_shape(shape), JS_CLASS_BYTECODE_FUNCTION, NULL);
    JSObject *p = JS_VALUE_GET_OBJ(function);
    p->prop[0].u.value = js_int32(code->defined_arg_count);
    p->prop[1].u.value = JS_AtomToString(ctx, code->func_name == JS_ATOM_NULL ? JS_ATOM_empty_string : code->func_name);
    if (code->has_prototype) {
        p->is_constructor = true;
        p->prop[2].u.init.realm_and_id = (uintptr_t)JS_DupContext(ctx) | JS_AUTOINIT_ID_PROTOTYPE;
        p->prop[2].u.init.opaque = NULL;
    }
    return function;
}
