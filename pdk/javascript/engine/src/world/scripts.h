// The part of the world that is JavaScript: the files of `world/`, in the bytecode that the compiler makes of them.

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

static void hc_run_script(JSContext *ctx, const uint8_t *bytecode, size_t length) {
    JSValue module = JS_ReadObject(ctx, bytecode, length, JS_READ_OBJ_BYTECODE);
    if (JS_IsException(module) || JS_ResolveModule(ctx, module) < 0)
        __builtin_trap();
    JSValue promise = JS_EvalFunction(ctx, module);
    if (JS_PromiseState(ctx, promise) != JS_PROMISE_FULFILLED)
        __builtin_trap();
    JS_FreeValue(ctx, promise);
}

static void hc_run_scripts(JSContext *ctx) {
    static const struct {
        const char *name;
        JSCFunction *function;
        int length;
    } functions[] = { { "log", hc_js_log, 3 }, { "encode", hc_js_encode, 1 }, { "decode", hc_js_decode, 3 } };
    JSValue engine = JS_NewObject(ctx);
    for (size_t i = 0; i < countof(functions); i++) {
        JSValue function = JS_NewCFunction(ctx, functions[i].function, functions[i].name, functions[i].length);
        JS_SetPropertyStr(ctx, engine, functions[i].name, function);
    }
    JS_SetPropertyStr(ctx, ctx->global_obj, HC_ENGINE, engine);
    for (size_t i = 0; i < countof(hc_scripts); i++)
        hc_run_script(ctx, hc_scripts[i].bytecode, hc_scripts[i].length);
    hc_remove_global(ctx, HC_ENGINE);
}

/// They have run.
static void hc_zero_scripts(void) {
    for (size_t i = 0; i < countof(hc_scripts); i++)
        memset(hc_scripts[i].bytecode, 0, hc_scripts[i].length);
}

#endif
