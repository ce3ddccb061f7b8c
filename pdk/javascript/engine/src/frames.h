// The frames of JavaScript's functions. A call from JavaScript to a JavaScript function does not recurse in C: `JS_CallInternal`
// keeps what it needs of the caller here and goes on with the callee. So the depth of a recursion is bounded by this stack, whose
// pages cost nothing until they are touched, and not by the stack of the host's thread.
//
// The linker puts C's stack first in memory, and it grows down. The frames are below it and grow up. So neither is between the
// engine's data and the image: a gap of zeros there would keep the host from mapping the two as one.

#define HC_FRAMES ((uint8_t *)HC_PAGE)
/// The lower end of C's stack. There is room for about 10,000 plain frames below.
#define HC_FRAMES_END ((uint8_t *)(2 * 1024 * 1024))

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
    // How many values of the caller's stack the call used: the arguments, the function, and for a method the object.
    int used;
    bool is_tail;
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
