// The steps of a build. Each is called as a hook is, and answers with bytes. The exports are dropped from the plugin.

/// What a step was given is in no plugin.
static void hc_free_input(JSContext *ctx, const void *text) {
    js_free_rt(ctx->rt, (void *)(uintptr_t)text);
}

/// An answer that is an exception.
static uint64_t hc_thrown(JSContext *ctx) {
    HCWriter w = { ctx, NULL, 0, 0 };
    hc_put_thrown(&w);
    return hc_answer(&w);
}

#ifndef QJS_DISABLE_PARSER

/// An error that the parser did not make itself, such as one of a regular expression, gets the location of the present token.
static void hc_locate_error(JSParseState *s) {
    JSValue error = s->ctx->rt->current_exception;
    if (!JS_IsError(error))
        return;
    JSValue *stack = &JS_VALUE_GET_OBJ(error)->u.object_data;
    if (JS_VALUE_GET_TAG(*stack) == JS_TAG_STRING && JS_VALUE_GET_STRING(*stack)->len > 0)
        return;
    set_value(s->ctx, stack, JS_UNDEFINED);
    build_backtrace(s->ctx, error, JS_UNDEFINED, s->filename, s->token.line_num, s->token.col_num, 0);
}

/// Takes a file name, a zero, and the source of a module. Answers with its bytecode, or with `{"thrown":…}`.
HC_EXPORT("compile") uint64_t hc_compile(const char *text, uint32_t length) {
    JSContext *ctx = hc.context;
    hc_counted.line = NULL;
    size_t name_length = strnlen(text, length);
    if (name_length == length)
        __builtin_trap();
    const char *source = text + name_length + 1;
    size_t source_length = length - name_length - 1;
    char *ended = js_strndup(ctx, source, source_length);
    JSValue module = JS_Eval(ctx, ended, source_length, text, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(module))
        return hc_thrown(ctx);
    size_t size;
    uint8_t *bytecode = JS_WriteObject(ctx, &size, module, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
    if (!bytecode)
        return hc_thrown(ctx);
    return (uint64_t)(uintptr_t)bytecode << 32 | size;
}

#else

/// Behind other names of the same list, if there are any.
static void hc_put_listed_name(HCWriter *w, JSAtom name) {
    if (w->length > 0)
        hc_put(w, ',');
    hc_put_string(w, w->ctx->rt->atom_array[name]);
}

/// The names of what a module exports: of its hooks, in order, whose functions are in `hc.hooks`, and of everything else.
static uint64_t hc_find_hooks(JSContext *ctx, JSModuleDef *module) {
    static const char *const first[] = { "before_hook", "after_hook" };
    HCWriter w = { ctx, NULL, 0, 0 }, others = { ctx, NULL, 0, 0 };
    JSValue space = JS_GetModuleNamespace(ctx, module);
    JSPropertyEnum *names;
    uint32_t count;
    if (JS_IsException(space) || JS_GetOwnPropertyNames(ctx, &names, &count, space, JS_GPN_STRING_MASK) < 0)
        return hc_thrown(ctx);
    unsigned next = countof(first);
    hc_put_literal(&w, "{\"hooks\":[");
    for (uint32_t i = 0; i < count; i++) {
        JSValue value = JS_GetProperty(ctx, space, names[i].atom);
        if (JS_IsException(value))
            return hc_thrown(ctx);
        const char *name = JS_AtomToCString(ctx, names[i].atom);
        if (JS_IsFunction(ctx, value)) {
            unsigned index = strcmp(name, first[0]) == 0 ? 0 : strcmp(name, first[1]) == 0 ? 1 : next++;
            if (index >= HC_HOOKS) {
                JS_ThrowRangeError(ctx, "a plugin exports at most %d functions", HC_HOOKS);
                return hc_thrown(ctx);
            }
            hc.hooks[index] = js_dup(value);
            hc.hook_names[index] = JS_DupAtom(ctx, names[i].atom);
            if (w.bytes[w.length - 1] != '[')
                hc_put(&w, ',');
            hc_put_literal(&w, "{\"name\":");
            hc_put_string(&w, ctx->rt->atom_array[names[i].atom]);
            hc_put_literal(&w, ",\"index\":");
            hc_put_number(&w, index);
            hc_put(&w, '}');
        } else {
            hc_put_listed_name(&others, names[i].atom);
        }
        JS_FreeCString(ctx, name);
        JS_FreeValue(ctx, value);
    }
    hc_put_literal(&w, "],\"others\":[");
    hc_put_text(&w, (const char *)others.bytes, others.length);
    hc_put_literal(&w, "]}");
    JS_FreePropertyEnum(ctx, names, count);
    JS_FreeValue(ctx, space);
    return hc_answer(&w);
}

/// Takes the bytecode of a module and runs its top level. Answers
/// `{"hooks":[{"name":…,"index":…},…],"others":["limit",…]}` or `{"thrown":…}`.
HC_EXPORT("load") uint64_t hc_load(const uint8_t *bytecode, uint32_t length) {
    JSContext *ctx = hc.context;
    JSValue object = JS_ReadObject(ctx, bytecode, length, JS_READ_OBJ_BYTECODE);
    hc_free_input(ctx, bytecode);
    if (JS_IsException(object))
        return hc_thrown(ctx);
    hc_run_scripts(ctx);
    if (JS_VALUE_GET_TAG(object) != JS_TAG_MODULE || JS_ResolveModule(ctx, object) < 0)
        return hc_thrown(ctx);
    JSModuleDef *module = JS_VALUE_GET_PTR(object);
    JSValue promise = JS_EvalFunction(ctx, object);
    if (JS_IsException(promise) || JS_IsException(hc_settle(ctx, promise)))
        return hc_thrown(ctx);
    return hc_find_hooks(ctx, module);
}

/// Takes a sample of a context and reads it, so that its keys and shapes are known. Runs nothing of the plugin.
HC_EXPORT("learn") uint64_t hc_learn(const uint8_t *text, uint32_t length) {
    JSContext *ctx = hc.context;
    HCWriter w = { ctx, NULL, 0, 0 };
    hc.is_learning = true;
    JSValue value = hc_read_json(ctx, text, length);
    if (JS_IsException(value) || hc_write_json(&w, value) < 0)
        __builtin_trap();
    JS_FreeValue(ctx, value);
    hc.is_learning = false;
    js_free_rt(ctx->rt, w.bytes);
    hc_free_input(ctx, text);
    return 0;
}

/// Takes a number, the index of a hook, and a sample of a context. Runs the hook as a call does, so that what it makes on its
/// first use is there. Answers as the hook does.
HC_EXPORT("rehearse") uint64_t hc_rehearse(const uint8_t *text, uint32_t length) {
    JSContext *ctx = hc.context;
    if (length == 0 || text[0] >= HC_HOOKS)
        __builtin_trap();
    hc.is_learning = true;
    uint64_t answer = hc_call(text[0], text + 1, length - 1);
    hc.is_learning = false;
    hc_free_input(ctx, text);
    return answer;
}

/// The last step: what exists is the image. Answers with what the plugin exports, by the names of this module's exports:
/// `{"exports":{"alloc":"alloc",…,"check":"hook_2"}}`.
HC_EXPORT("freeze") uint64_t hc_end_of_build(const uint8_t *text, uint32_t length) {
    JSContext *ctx = hc.context;
    HCWriter w = { ctx, NULL, 0, 0 };
    hc_free_input(ctx, text);
    hc_put_literal(&w, "{\"exports\":{\"alloc\":\"alloc\",\"dealloc\":\"dealloc\",");
    hc_put_literal(&w, "\"log_ptr\":\"log_ptr\",\"log_len\":\"log_len\",");
    hc_put_literal(&w, "\"before_hook\":\"before_hook\"");
    if (!JS_IsUndefined(hc.hooks[1]))
        hc_put_literal(&w, ",\"after_hook\":\"after_hook\"");
    for (int i = 2; i < HC_HOOKS && !JS_IsUndefined(hc.hooks[i]); i++) {
        hc_put(&w, ',');
        hc_put_string(&w, ctx->rt->atom_array[hc.hook_names[i]]);
        hc_put_literal(&w, ":\"hook_");
        hc_put_number(&w, i);
        hc_put(&w, '"');
    }
    hc_put_literal(&w, "}}");
    hc_freeze();
    return hc_answer(&w);
}

#define HC_SLOT(index) HC_HOOK("hook_" #index, index)
HC_SLOT(2)
HC_SLOT(3)
HC_SLOT(4)
HC_SLOT(5)
HC_SLOT(6)
HC_SLOT(7)
HC_SLOT(8)
HC_SLOT(9)
HC_SLOT(10)
HC_SLOT(11)
HC_SLOT(12)
HC_SLOT(13)
HC_SLOT(14)
HC_SLOT(15)

#endif
