// `map`, `filter`, `forEach`, `every`, `some`, `reduce`, `find` and `findIndex` of an array with a callback in JavaScript, without
// recursion in C: the interpreter keeps the state of the loop on the stack of values, enters the callback, and goes on with the loop
// when it returns. What the loop does is what `js_array_every`, `js_array_reduce` and `js_array_find` do.
//
// Behind the arguments of the call, the stack of values has the state, and behind it what the callback is called with: `this`, the
// callback and its arguments. An exception frees all of it with the rest of the stack.

static JSValue JS_ArraySpeciesCreate(JSContext *ctx, JSValueConst obj, JSValueConst len_val);
static JSValue js_array_every(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv, int special);
static JSValue js_array_reduce(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv, int special);
static JSValue js_array_find(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv, int mode);

/// `special` of `js_array_every`, and after them the others.
enum { HC_EVERY, HC_SOME, HC_FOR_EACH, HC_MAP, HC_FILTER, HC_FIND, HC_FIND_INDEX, HC_REDUCE };

/// The state, as slots below the top of the stack.
enum {
    HC_LOOP_USED = 1, // values of the call of the method
    HC_LOOP_KIND,
    HC_LOOP_COUNT,   // elements in the result of `filter`
    HC_LOOP_ELEMENT, // of `filter` and `find`: the callback can change its argument
    HC_LOOP_NEXT,
    HC_LOOP_LENGTH,
    HC_LOOP_RESULT,
    HC_LOOP_SLOTS = HC_LOOP_RESULT
};

/// Added to the kind: the function that called the method returns the result.
#define HC_LOOP_IS_LAST 16
#define HC_LOOP_KINDS 15

/// A callback has up to four arguments, itself and `this`.
#define HC_CALLBACK_SLOTS 6
/// So many values more than its code says can be on the stack of a function.
#define HC_MORE_VALUES (HC_LOOP_SLOTS + HC_CALLBACK_SLOTS)

/// What a method of an array does, if it is one of these and calls a function in JavaScript; else -1. `argv` is behind the method
/// and its `this`.
static int hc_loop_kind(const JSFunctionBytecode *caller, JSValueConst *argv, int argc) {
    JSObject *method = JS_VALUE_GET_OBJ(argv[-1]);
    if (method->u.cfunc.cproto != JS_CFUNC_generic_magic || argc < 1 || !hc_is_plain_function(argv[0]) ||
        caller->func_kind != JS_FUNC_NORMAL || JS_VALUE_GET_TAG(argv[-2]) != JS_TAG_OBJECT ||
        !JS_VALUE_GET_OBJ(argv[-2])->fast_array || JS_VALUE_GET_OBJ(argv[-2])->class_id != JS_CLASS_ARRAY)
        return -1;
    int special = method->u.cfunc.magic;
    if (method->u.cfunc.c_function.generic_magic == js_array_every)
        return special <= HC_FILTER ? special : -1;
    if (method->u.cfunc.c_function.generic_magic == js_array_find)
        return special <= 1 ? HC_FIND + special : -1;
    bool is_reduce = method->u.cfunc.c_function.generic_magic == js_array_reduce && special == 0;
    return is_reduce && (argc > 1 || JS_VALUE_GET_OBJ(argv[-2])->u.array.count > 0) ? HC_REDUCE : -1;
}

/// Begins a loop: writes its state behind the arguments. The new top of the stack; NULL if an exception is pending.
static JSValue *hc_begin_loop(JSContext *ctx, JSValue *argv, int argc, int kind, bool is_last) {
    JSValue array = argv[-2], result = JS_UNDEFINED;
    JSObject *p = JS_VALUE_GET_OBJ(array);
    int64_t length, first = 0;
    if (js_get_length64(ctx, &length, array))
        return NULL;
    if (kind == HC_EVERY || kind == HC_SOME)
        result = js_bool(kind == HC_EVERY);
    else if (kind == HC_MAP || kind == HC_FILTER)
        result = JS_ArraySpeciesCreate(ctx, array, js_int64(kind == HC_MAP ? length : 0));
    else if (kind == HC_FIND_INDEX)
        result = js_int32(-1);
    else if (kind == HC_REDUCE && argc > 1)
        result = js_dup(argv[1]);
    else if (kind == HC_REDUCE)
        result = js_dup(p->u.array.u.values[first++]);
    if (JS_IsException(result))
        return NULL;
    JSValue *top = argv + argc + HC_LOOP_SLOTS;
    top[-HC_LOOP_RESULT] = result;
    top[-HC_LOOP_LENGTH] = js_int64(length);
    top[-HC_LOOP_NEXT] = js_int64(first);
    top[-HC_LOOP_COUNT] = js_int32(0);
    top[-HC_LOOP_ELEMENT] = JS_UNDEFINED;
    top[-HC_LOOP_KIND] = js_int32(is_last ? kind + HC_LOOP_IS_LAST : kind);
    top[-HC_LOOP_USED] = js_int32(argc + 2);
    return top;
}

static inline int64_t hc_loop_number(JSValueConst value) {
    return JS_VALUE_GET_TAG(value) == JS_TAG_INT ? JS_VALUE_GET_INT(value) : (int64_t)JS_VALUE_GET_FLOAT64(value);
}

/// Writes what the callback is called with for the next element behind the state. The number of arguments; 0 if there is no more
/// element, and negative if an exception is pending.
static int hc_next_callback(JSContext *ctx, JSValue *top) {
    int used = JS_VALUE_GET_INT(top[-HC_LOOP_USED]), kind = JS_VALUE_GET_INT(top[-HC_LOOP_KIND]) & HC_LOOP_KINDS;
    JSValue *call = top - HC_LOOP_SLOTS - used; // `this`, the method, the callback, …
    int64_t length = hc_loop_number(top[-HC_LOOP_LENGTH]), index = hc_loop_number(top[-HC_LOOP_NEXT]);
    JSValue element = JS_UNDEFINED;
    int is_present = 0;
    bool takes_all = kind == HC_FIND || kind == HC_FIND_INDEX;
    for (; index < length && is_present == 0; index++) {
        if (likely(index <= INT32_MAX && js_get_fast_array_element(ctx, JS_VALUE_GET_OBJ(call[0]), (uint32_t)index, &element))) {
            is_present = 1;
        } else if (takes_all) {
            element = JS_GetPropertyInt64(ctx, call[0], index);
            is_present = JS_IsException(element) ? -1 : 1;
        } else {
            is_present = JS_TryGetPropertyInt64(ctx, call[0], index, &element);
        }
    }
    top[-HC_LOOP_NEXT] = js_int64(index);
    if (is_present <= 0)
        return is_present;
    JSValue *at = top;
    *at++ = kind != HC_REDUCE && used > 3 ? js_dup(call[3]) : JS_UNDEFINED;
    *at++ = js_dup(call[2]);
    if (kind == HC_REDUCE) {
        *at++ = top[-HC_LOOP_RESULT];
        top[-HC_LOOP_RESULT] = JS_UNDEFINED;
    }
    if (kind == HC_FILTER || kind == HC_FIND)
        top[-HC_LOOP_ELEMENT] = js_dup(element);
    *at++ = element;
    *at++ = js_int64(index - 1);
    *at++ = js_dup(call[0]);
    return (int)(at - top) - 2;
}

/// Takes what the callback returned; `top` is the state's. 1 if the loop ends, and negative if an exception is pending.
static int hc_take_returned(JSContext *ctx, JSValue *top, JSValue returned) {
    const int flags = JS_PROP_C_W_E | JS_PROP_THROW;
    JSValue *result = &top[-HC_LOOP_RESULT];
    int kind = JS_VALUE_GET_INT(top[-HC_LOOP_KIND]) & HC_LOOP_KINDS;
    switch (kind) {
    case HC_EVERY:
    case HC_SOME: {
        bool is_true = JS_ToBoolFree(ctx, returned);
        if (is_true == (kind == HC_EVERY))
            return 0;
        *result = js_bool(is_true);
        return 1;
    }
    case HC_MAP:
        return JS_DefinePropertyValueInt64(ctx, *result, hc_loop_number(top[-HC_LOOP_NEXT]) - 1, returned, flags) < 0 ? -1 : 0;
    case HC_FILTER: {
        JSValue element = top[-HC_LOOP_ELEMENT];
        top[-HC_LOOP_ELEMENT] = JS_UNDEFINED;
        if (!JS_ToBoolFree(ctx, returned)) {
            JS_FreeValue(ctx, element);
            return 0;
        }
        int64_t count = hc_loop_number(top[-HC_LOOP_COUNT]);
        top[-HC_LOOP_COUNT] = js_int64(count + 1);
        return JS_DefinePropertyValueInt64(ctx, *result, count, element, flags) < 0 ? -1 : 0;
    }
    case HC_FIND: {
        JSValue element = top[-HC_LOOP_ELEMENT];
        top[-HC_LOOP_ELEMENT] = JS_UNDEFINED;
        if (JS_ToBoolFree(ctx, returned)) {
            *result = element;
            return 1;
        }
        JS_FreeValue(ctx, element);
        return 0;
    }
    case HC_FIND_INDEX:
        if (!JS_ToBoolFree(ctx, returned))
            return 0;
        *result = js_int64(hc_loop_number(top[-HC_LOOP_NEXT]) - 1);
        return 1;
    case HC_REDUCE:
        *result = returned;
        return 0;
    default:
        JS_FreeValue(ctx, returned);
        return 0;
    }
}

/// Writes what a bound function calls behind its arguments, if that is a function in JavaScript and there is room. The number of
/// arguments, or -1.
static inline int hc_unbind(const JSFunctionBytecode *caller, JSValueConst function, JSValue *argv, int argc) {
    if (JS_VALUE_GET_TAG(function) != JS_TAG_OBJECT)
        return -1;
    const JSObject *p = JS_VALUE_GET_OBJ(function);
    if (p->class_id != JS_CLASS_BOUND_FUNCTION || caller->func_kind != JS_FUNC_NORMAL)
        return -1;
    const JSBoundFunction *bound = p->u.bound_function;
    if (!hc_is_plain_function(bound->func_obj) || bound->argc + argc + 2 > HC_MORE_VALUES)
        return -1;
    JSValue *at = argv + argc;
    *at++ = js_dup(bound->this_val);
    *at++ = js_dup(bound->func_obj);
    for (int i = 0; i < bound->argc; i++)
        *at++ = js_dup(bound->argv[i]);
    for (int i = 0; i < argc; i++)
        *at++ = js_dup(argv[i]);
    return bound->argc + argc;
}
