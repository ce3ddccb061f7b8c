// The part of the world that is JavaScript: the files of `world/`, in the bytecode that the compiler makes of them. A plugin carries
// what its source names.

static void hc_remove_global(JSContext *ctx, const char *name) {
    JSAtom atom = JS_NewAtom(ctx, name);
    JS_DeleteProperty(ctx, ctx->global_obj, atom, 0);
    JS_FreeAtom(ctx, atom);
}

#ifdef QJS_DISABLE_PARSER

// `hc_scripts`, which the build makes.
#include "scripts.bytecode.h"

/// `engine` is a global while these scripts run, and gone when a plugin's source runs.
#define HC_ENGINE "engine"

/// Makes the built-in functions that QuickJS would make at their first use.
static void hc_make_lazy_properties(JSContext *ctx) {
    struct list_head *link;
    // What is made comes to the end of the list, and so has its turn.
    list_for_each(link, &ctx->rt->gc_obj_list) {
        JSGCObjectHeader *header = list_entry(link, JSGCObjectHeader, link);
        if (JS_GC_TYPE(header) != JS_GC_OBJ_TYPE_JS_OBJECT)
            continue;
        JSObject *p = (JSObject *)header;
        for (int i = 0; i < p->shape->prop_count; i++) {
            JSShapeProperty *property = &get_shape_prop(p->shape)[i];
            if (property->atom != JS_ATOM_NULL && (property->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT &&
                JS_AutoInitProperty(ctx, p, property->atom, &p->prop[i], property) < 0)
                __builtin_trap();
        }
    }
}

static void hc_run_script(JSContext *ctx, const uint8_t *bytecode, size_t length) {
    JSValue module = JS_ReadObject(ctx, bytecode, length, JS_READ_OBJ_BYTECODE);
    if (JS_IsException(module) || JS_ResolveModule(ctx, module) < 0)
        __builtin_trap();
    JSValue promise = JS_EvalFunction(ctx, module);
    if (JS_PromiseState(ctx, promise) != JS_PROMISE_FULFILLED)
        __builtin_trap();
    JS_FreeValue(ctx, promise);
}

/// Whether a source that has been read names one of these, which are separated by spaces. What is named is an atom.
static bool hc_is_named(JSContext *ctx, const char *names) {
    while (*names) {
        size_t length = strcspn(names, " ");
        JSAtom atom = __JS_FindAtom(ctx->rt, names, length, JS_ATOM_TYPE_STRING);
        JS_FreeAtom(ctx, atom);
        if (atom != JS_ATOM_NULL)
            return true;
        names += length + (names[length] == ' ');
    }
    return false;
}

/// Runs the scripts that a plugin needs, after its source was read and before it runs.
static void hc_run_scripts(JSContext *ctx) {
    static const struct {
        const char *name;
        JSCFunction *function;
        int length;
    } functions[] = { { "log", hc_js_log, 3 }, { "encode", hc_js_encode, 1 }, { "decode", hc_js_decode, 3 },
                    { "refuseRandom", hc_js_refuse_random, 1 }, { "classOf", hc_js_class_of, 1 } };
    JSValue engine = JS_NewObject(ctx);
    for (size_t i = 0; i < countof(functions); i++) {
        JSValue function = JS_NewCFunction(ctx, functions[i].function, functions[i].name, functions[i].length);
        JS_SetPropertyStr(ctx, engine, functions[i].name, function);
    }
    JS_SetPropertyStr(ctx, ctx->global_obj, HC_ENGINE, engine);
    // First all questions, because the scripts name more.
    bool is_needed[countof(hc_scripts)];
    for (size_t i = 0; i < countof(hc_scripts); i++)
        is_needed[i] = *hc_scripts[i].names == 0 || hc_is_named(ctx, hc_scripts[i].names);
    for (size_t i = 0; i < countof(hc_scripts); i++) {
        if (is_needed[i])
            hc_run_script(ctx, hc_scripts[i].bytecode, hc_scripts[i].length);
    }
    hc_remove_global(ctx, HC_ENGINE);
    hc_make_lazy_properties(ctx);
}

/// They have run.
static void hc_zero_scripts(void) {
    for (size_t i = 0; i < countof(hc_scripts); i++)
        memset(hc_scripts[i].bytecode, 0, hc_scripts[i].length);
}

#endif
