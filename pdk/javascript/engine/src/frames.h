// The frames of JavaScript's functions. A call from JavaScript to a JavaScript function does not recurse in C: `JS_CallInternal`
// keeps what it needs of the caller here and goes on with the callee. So the depth of a recursion is bounded by this stack, whose
// pages cost nothing until they are touched, and not by the stack of the host's thread.
//
// The linker puts C's stack first in memory, and it grows down. The frames are below it and grow up. So neither is between the
// engine's data and the image: a gap of zeros there would keep the host from mapping the two as one.

#define HC_FRAMES ((uint8_t *)HC_PAGE)
/// The lower end of C's stack. There is room for about 10,000 plain frames below.
#define HC_FRAMES_END ((uint8_t *)(2816 * 1024))

/// A function that another one called without recursion, and what that one goes on with.
typedef struct HCActivation {
    JSStackFrame frame;
    struct HCActivation *outer;
    JSContext *caller_ctx;
    JSValue func_obj, this_obj, new_target;
    int argc;
    JSValueConst *argv;
    JSObject *p;
    JSFunctionBytecode *b;
    JSContext *ctx;
    JSVarRef **var_refs;
    JSValue *local_buf, *stack_buf, *sp;
    // How many values of the caller's stack the call used: the arguments, the function, for a method the object, and what was
    // there before a bound function or `call` was replaced by the function behind it.
    int used;
    bool is_tail;
    bool is_callback; // of a loop; see `callbacks.h`
    bool constructs;
} HCActivation;

/// NULL if there is no room.
static inline void *hc_frame(size_t bytes) {
    uint8_t *frame = hc.frame_top;
    bytes = (bytes + 7) & ~(size_t)7;
    if (unlikely((size_t)(HC_FRAMES_END - frame) < bytes))
        return NULL;
    hc.frame_top = frame + bytes;
    return frame;
}

static inline bool hc_is_plain_function(JSValueConst function) {
    return JS_VALUE_GET_TAG(function) == JS_TAG_OBJECT &&
           JS_VALUE_GET_OBJ(function)->class_id == JS_CLASS_BYTECODE_FUNCTION;
}

static JSValue js_create_from_ctor(JSContext *ctx, JSValueConst ctor, int class_id);

/// Whether `new f(…)` constructs with a function in JavaScript: `f` is there twice, the second time as `new.target`.
static inline bool hc_is_constructor(const JSValue *argv) {
    return hc_is_plain_function(argv[-2]) && JS_VALUE_GET_OBJ(argv[-2])->is_constructor &&
           JS_VALUE_GET_TAG(argv[-1]) == JS_TAG_OBJECT && JS_VALUE_GET_PTR(argv[-1]) == JS_VALUE_GET_PTR(argv[-2]);
}

/// What `this` is in a constructor when it begins: a derived one gets it of the class that it extends.
static JSValue hc_new_this(JSContext *ctx, JSValueConst constructor) {
    const JSFunctionBytecode *code = JS_VALUE_GET_OBJ(constructor)->u.func.function_bytecode;
    return code->is_derived_class_constructor ? JS_UNDEFINED : js_create_from_ctor(ctx, constructor, JS_CLASS_OBJECT);
}

static inline bool hc_is_c_function(JSValueConst function) {
    return JS_VALUE_GET_TAG(function) == JS_TAG_OBJECT && JS_VALUE_GET_OBJ(function)->class_id == JS_CLASS_C_FUNCTION;
}

/// The getter of a property, if this function can enter it without recursion; else NULL.
static inline JSObject *hc_getter(const JSFunctionBytecode *caller, const JSShapeProperty *known, const JSProperty *property) {
    JSObject *getter = property->u.getset.getter;
    return (known->flags & JS_PROP_TMASK) == JS_PROP_GETSET && caller->func_kind == JS_FUNC_NORMAL && getter &&
                   getter->class_id == JS_CLASS_BYTECODE_FUNCTION
               ? getter
               : NULL;
}

static JSValue js_function_call(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv);

/// Makes `f.call(object, …)` a call of `f`, if that is a function in JavaScript: the method and its object trade places with what
/// they are about. The number of arguments, or -1. One value is left over below, unless there was no argument.
static inline int hc_unwrap_call(JSContext *ctx, JSValue *argv, int argc) {
    const JSObject *method = JS_VALUE_GET_OBJ(argv[-1]);
    if (method->u.cfunc.c_function.generic != js_function_call || !hc_is_plain_function(argv[-2]))
        return -1;
    JSValue function = argv[-2];
    JS_FreeValue(ctx, argv[-1]);
    argv[-2] = JS_UNDEFINED;
    if (argc == 0) {
        argv[-1] = function;
        return 0;
    }
    argv[-1] = argv[0];
    argv[0] = function;
    return argc - 1;
}
