// The patches that let JavaScript call JavaScript without recursion in C; see `../src/frames.h`.

const callInternal = {
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
                     sizeof(JSValue) * (arg_allocated_size + code->var_count + code->stack_size) +
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
        a->used = hc_argc + 1 + hc_has_object;
        a->is_tail = hc_is_tail;
        hc_activation = a;

        caller_ctx = ctx;
        func_obj = callee;
        this_obj = hc_has_object ? safe_const(sp[-hc_argc - 2]) : JS_UNDEFINED;
        new_target = JS_UNDEFINED;
        argc = hc_argc;
        argv = vc(sp - hc_argc);
        p = function;
        b = code;
        sf = &a->frame;
        sf->is_strict_mode = b->is_strict_mode;
        sf->is_constructor = false;
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
        sf->var_refs = (JSVarRef **)(stack_buf + b->stack_size);
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
        for(i = a->used; i > 0; i--)
            JS_FreeValue(ctx, sp[-i]);
        sp -= a->used;
        *sp++ = ret_val;
        goto restart;
    }
    hc.frame_top = hc_mark;
    return ret_val;
}

/* What still recurses in C: functions that built-in functions call, constructors, getters, generators. */
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

const rules = [
  {
    why: 'frames.h needs the structures of objects',
    find: '/* argument of OP_special_object */',
    replace: '#include "frames.h"\n\n/* argument of OP_special_object */',
  },
  {
    why: 'the depth of what recurses in C is counted around it',
    find: `/* argv[] is modified if (flags & JS_CALL_FLAG_COPY_ARGV) = 0. */
static JSValue JS_CallInternal(`,
    replace: `/* argv[] is modified if (flags & JS_CALL_FLAG_COPY_ARGV) = 0. */
static inline __attribute__((always_inline)) JSValue hc_call_internal(`,
  },
  {
    why: 'what a function without recursion needs of its caller',
    find: callInternal.begin,
    replace: `${callInternal.begin}    HCActivation *hc_activation = NULL;
    uint8_t *hc_mark = hc.frame_top;
    int hc_argc;
    bool hc_has_object, hc_is_tail;
`,
  },
  {
    why: 'frames are not on the stack of C',
    find: `    if (js_check_stack_overflow(rt, alloca_size))
        return JS_ThrowStackOverflow(caller_ctx);

    sf->is_strict_mode = b->is_strict_mode;`,
    replace: `    if (js_check_stack_overflow(rt, 0))
        return JS_ThrowStackOverflow(caller_ctx);
    local_buf = hc_frame(alloca_size);
    if (unlikely(!local_buf))
        return JS_ThrowStackOverflow(caller_ctx);

    sf->is_strict_mode = b->is_strict_mode;`,
  },
  {
    why: 'frames are not on the stack of C',
    find: '    local_buf = alloca(alloca_size);\n',
    replace: '',
  },
  {
    why: 'a call of a function does not recurse',
    find: `                ret_val = JS_CallInternal(ctx, call_argv[-1], JS_UNDEFINED,
                                          JS_UNDEFINED, call_argc,
                                          vc(call_argv), 0);
                if (unlikely(JS_IsException(ret_val)))
                    goto exception;
                if (opcode == OP_tail_call)
                    goto done;`,
    replace: `                hc_is_tail = opcode == OP_tail_call;
                if (hc_is_plain_function(call_argv[-1])) {
                    hc_argc = call_argc;
                    hc_has_object = false;
                    goto hc_enter;
                }
                ret_val = JS_CallInternal(ctx, call_argv[-1], JS_UNDEFINED,
                                          JS_UNDEFINED, call_argc,
                                          vc(call_argv), 0);
                if (unlikely(JS_IsException(ret_val)))
                    goto exception;
                if (hc_is_tail)
                    goto done;`,
  },
  {
    why: 'a call of a method does not recurse',
    find: `                ret_val = JS_CallInternal(ctx, call_argv[-1], call_argv[-2],
                                          JS_UNDEFINED, call_argc,
                                          vc(call_argv), 0);
                if (unlikely(JS_IsException(ret_val)))
                    goto exception;
                if (opcode == OP_tail_call_method)
                    goto done;`,
    replace: `                hc_is_tail = opcode == OP_tail_call_method;
                if (hc_is_plain_function(call_argv[-1])) {
                    hc_argc = call_argc;
                    hc_has_object = true;
                    goto hc_enter;
                }
                ret_val = JS_CallInternal(ctx, call_argv[-1], call_argv[-2],
                                          JS_UNDEFINED, call_argc,
                                          vc(call_argv), 0);
                if (unlikely(JS_IsException(ret_val)))
                    goto exception;
                if (hc_is_tail)
                    goto done;`,
  },
  {
    why: 'where a call without recursion begins',
    find: `            goto exception;
        }
    }
 exception:
    if (needs_backtrace(`,
    replace: `            goto exception;
        }
    }
${callInternal.enter} exception:
    if (needs_backtrace(`,
  },
  {
    why: 'where a call without recursion ends',
    find: `    rt->current_stack_frame = sf->prev_frame;
    return ret_val;
}

JSValue JS_Call(JSContext *ctx, JSValueConst func_obj, JSValueConst this_obj,
                int argc, JSValueConst *argv)
{`,
    replace: callInternal.leave,
  },
];

/** @type {import('./patches.mjs').Patch[]} */
export const stackless = rules.map(({ why, find, replace }) => ({ why, file: 'quickjs.c', find, replace, times: 1 }));
