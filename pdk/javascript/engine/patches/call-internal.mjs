// The parts of `JS_CallInternal` that enter and leave a function without recursion in C; see `../src/frames.h`.

export const callInternal = {
  begin: `    int opcode, arg_allocated_size, i;
    JSValue *local_buf, *stack_buf, *var_buf, *arg_buf, *sp, ret_val, *pval;
    JSVarRef **var_refs;
    size_t alloca_size;
`,
  enter: `
 hc_enter:
    {
        JSValueConst callee = sp[-hc_argc - 1];
        JSObject *function = JS_VALUE_GET_OBJ(callee);
        JSFunctionBytecode *code = function->u.func.function_bytecode;
        HCActivation *a;
        arg_allocated_size = hc_argc < code->arg_count ? code->arg_count : 0;
        a = hc_frame(sizeof(HCActivation) +
                     sizeof(JSValue) * (arg_allocated_size + code->var_count + code->stack_size + HC_MORE_VALUES) +
                     sizeof(JSVarRef *) * code->var_ref_count);
        if (unlikely(!a)) {
            JS_ThrowStackOverflow(ctx);
            goto exception;
        }
        a->outer = hc_activation;
        a->caller_ctx = caller_ctx;
        a->func_obj = unsafe_unconst(func_obj);
        a->this_obj = unsafe_unconst(this_obj);
        a->new_target = unsafe_unconst(new_target);
        a->argc = argc;
        a->argv = argv;
        a->p = p;
        a->b = b;
        a->ctx = ctx;
        a->var_refs = var_refs;
        a->local_buf = local_buf;
        a->stack_buf = stack_buf;
        a->sp = sp;
        a->used = hc_argc + 1 + hc_has_object + hc_more;
        hc_more = 0;
        a->is_tail = hc_is_tail;
        a->is_callback = hc_is_callback;
        a->constructs = hc_constructs;
        hc_activation = a;

        caller_ctx = ctx;
        func_obj = callee;
        this_obj = hc_has_object ? safe_const(sp[-hc_argc - 2]) : JS_UNDEFINED;
        new_target = hc_constructs ? callee : JS_UNDEFINED;
        argc = hc_argc;
        argv = vc(sp - hc_argc);
        p = function;
        b = code;
        sf = &a->frame;
        sf->is_strict_mode = b->is_strict_mode;
        sf->is_constructor = hc_constructs;
        hc_is_callback = hc_constructs = false;
        sf->cur_func = unsafe_unconst(func_obj);
        sf->arg_count = argc;
        arg_buf = (JSValue *)argv;
        var_refs = p->u.func.var_refs;
        local_buf = (JSValue *)(void *)(a + 1);
        if (unlikely(arg_allocated_size)) {
            arg_buf = local_buf;
            for(i = 0; i < argc; i++)
                arg_buf[i] = js_dup(argv[i]);
            for(; i < b->arg_count; i++)
                arg_buf[i] = JS_UNDEFINED;
            sf->arg_count = b->arg_count;
        }
        var_buf = local_buf + arg_allocated_size;
        sf->var_buf = var_buf;
        sf->arg_buf = arg_buf;
        for(i = 0; i < b->var_count; i++)
            var_buf[i] = JS_UNDEFINED;
        stack_buf = var_buf + b->var_count;
        sf->var_refs = (JSVarRef **)(stack_buf + b->stack_size + HC_MORE_VALUES);
        sf->var_ref_count = b->var_ref_count;
        for(i = 0; i < b->var_ref_count; i++)
            sf->var_refs[i] = NULL;
        sf->cur_gc_obj = NULL;
        sp = stack_buf;
        pc = b->byte_code_buf;
        sf->cur_pc = NULL;
        sf->prev_frame = rt->current_stack_frame;
        rt->current_stack_frame = sf;
        ctx = b->realm;
        goto restart;
    }

 hc_loop:
    hc_argc = hc_next_callback(ctx, sp);
    if (unlikely(hc_argc < 0))
        goto exception;
    if (hc_argc > 0) {
        sp += hc_argc + 2;
        hc_has_object = true;
        hc_is_tail = false;
        hc_is_callback = true;
        goto hc_enter;
    }
 hc_end_loop:
    hc_is_tail = JS_VALUE_GET_INT(sp[-HC_LOOP_KIND]) & HC_LOOP_IS_LAST;
    i = JS_VALUE_GET_INT(sp[-HC_LOOP_USED]);
    ret_val = sp[-HC_LOOP_RESULT];
    sp -= HC_LOOP_SLOTS;
    if (hc_is_tail)
        goto done;
    for(; i > 0; i--)
        JS_FreeValue(ctx, *--sp);
    *sp++ = ret_val;
    goto restart;
`,
  leave: `    rt->current_stack_frame = sf->prev_frame;
    if (hc_activation) {
        HCActivation *a = hc_activation;
        hc.frame_top = (uint8_t *)a;
        sf = sf->prev_frame;
        hc_activation = a->outer;
        caller_ctx = a->caller_ctx;
        func_obj = a->func_obj;
        this_obj = a->this_obj;
        new_target = a->new_target;
        argc = a->argc;
        argv = a->argv;
        p = a->p;
        b = a->b;
        ctx = a->ctx;
        var_refs = a->var_refs;
        local_buf = a->local_buf;
        stack_buf = a->stack_buf;
        sp = a->sp;
        arg_buf = sf->arg_buf;
        var_buf = sf->var_buf;
        pc = sf->cur_pc;
        if (unlikely(JS_IsException(ret_val)))
            goto exception;
        if (a->is_tail)
            goto done;
        if (a->constructs && JS_VALUE_GET_TAG(ret_val) != JS_TAG_OBJECT) {
            JS_FreeValue(ctx, ret_val);
            ret_val = js_dup(sp[-a->used]);
        }
        for(i = a->used; i > 0; i--)
            JS_FreeValue(ctx, sp[-i]);
        sp -= a->used;
        if (a->is_callback) {
            i = hc_take_returned(ctx, sp, ret_val);
            if (unlikely(i < 0))
                goto exception;
            if (i > 0)
                goto hc_end_loop;
            goto hc_loop;
        }
        *sp++ = ret_val;
        goto restart;
    }
    hc.frame_top = hc_mark;
    return ret_val;
}
#undef JS_FreeValue
#undef JS_AtomToValue

/* What still recurses in C: functions that other built-in functions call, generators, and constructors that others extend. */
static JSValue JS_CallInternal(JSContext *caller_ctx, JSValueConst func_obj,
                               JSValueConst this_obj, JSValueConst new_target,
                               int argc, JSValueConst *argv, int flags)
{
    JSValue ret_val;
    if (unlikely(hc.depth >= HC_MOST_DEPTH))
        return JS_ThrowStackOverflow(caller_ctx);
    hc.depth++;
    ret_val = hc_call_internal(caller_ctx, func_obj, this_obj, new_target, argc, argv, flags);
    hc.depth--;
    return ret_val;
}

JSValue JS_Call(JSContext *ctx, JSValueConst func_obj, JSValueConst this_obj,
                int argc, JSValueConst *argv)
{`,
};
