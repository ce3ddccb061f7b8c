// The patches that let JavaScript call JavaScript without recursion in C; see `../src/frames.h`.

import { callInternal } from './call-internal.mjs';

const rules = [
  {
    why: 'these need the structures of objects',
    find: '/* argument of OP_special_object */',
    replace: '#include "values.h"\n#include "frames.h"\n#include "callbacks.h"\n\n/* argument of OP_special_object */',
  },
  {
    why: 'the depth of what recurses in C is counted around it',
    find: `/* argv[] is modified if (flags & JS_CALL_FLAG_COPY_ARGV) = 0. */
static JSValue JS_CallInternal(`,
    replace: `/* argv[] is modified if (flags & JS_CALL_FLAG_COPY_ARGV) = 0. */
#define JS_FreeValue hc_free_value
#define JS_AtomToValue hc_atom_value
static inline __attribute__((always_inline)) JSValue hc_call_internal(`,
  },
  {
    why: 'what a function without recursion needs of its caller',
    find: callInternal.begin,
    replace: `${callInternal.begin}    HCActivation *hc_activation = NULL;
    uint8_t *hc_mark = hc.frame_top;
    int hc_argc, hc_more = 0;
    bool hc_has_object, hc_is_tail, hc_is_callback = false, hc_constructs = false;
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
    why: 'the state of a loop over an array is behind the values of the function that began it',
    find: `    alloca_size = sizeof(JSValue) * (arg_allocated_size + b->var_count +
                                     b->stack_size) +`,
    replace:
      '    alloca_size = sizeof(JSValue) * (arg_allocated_size + b->var_count + b->stack_size + HC_MORE_VALUES) +',
  },
  {
    why: 'the state of a loop over an array is behind the values of the function that began it',
    find: '    stack_buf = var_buf + b->var_count;\n    sf->var_refs = (JSVarRef **)(stack_buf + b->stack_size);',
    replace:
      '    stack_buf = var_buf + b->var_count;\n    sf->var_refs = (JSVarRef **)(stack_buf + b->stack_size + HC_MORE_VALUES);',
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
                if (hc_is_c_function(call_argv[-1])) {
                    ret_val = js_call_c_function(ctx, call_argv[-1], JS_UNDEFINED, call_argc, vc(call_argv), 0);
                } else {
                    hc_argc = hc_unbind(b, call_argv[-1], call_argv, call_argc);
                    if (hc_argc >= 0) {
                        hc_more = call_argc + 1;
                        hc_has_object = true;
                        sp += hc_argc + 2;
                        goto hc_enter;
                    }
                    ret_val = JS_CallInternal(ctx, call_argv[-1], JS_UNDEFINED, JS_UNDEFINED, call_argc, vc(call_argv), 0);
                }
                if (unlikely(JS_IsException(ret_val)))
                    goto exception;
                if (hc_is_tail)
                    goto done;`,
  },
  {
    why: 'a construction does not recurse',
    find: `                ret_val = JS_CallConstructorInternal(ctx, call_argv[-2],
                                                     call_argv[-1], call_argc,
                                                     vc(call_argv), 0);`,
    replace: `                if (hc_is_constructor(call_argv)) {
                    ret_val = hc_new_this(ctx, call_argv[-1]);
                    if (unlikely(JS_IsException(ret_val)))
                        goto exception;
                    set_value(ctx, &call_argv[-2], ret_val);
                    hc_argc = call_argc;
                    hc_has_object = true;
                    hc_is_tail = false;
                    hc_constructs = true;
                    goto hc_enter;
                }
                ret_val = JS_CallConstructorInternal(ctx, call_argv[-2],
                                                     call_argv[-1], call_argc,
                                                     vc(call_argv), 0);`,
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
                if (hc_is_c_function(call_argv[-1])) {
                    i = hc_loop_kind(b, vc(call_argv), call_argc);
                    if (i >= 0) {
                        JSValue *hc_top = hc_begin_loop(ctx, call_argv, call_argc, i, hc_is_tail);
                        if (unlikely(!hc_top))
                            goto exception;
                        sp = hc_top;
                        goto hc_loop;
                    }
                    hc_argc = hc_unwrap_call(ctx, call_argv, call_argc);
                    if (hc_argc >= 0) {
                        hc_more = call_argc - hc_argc;
                        hc_has_object = true;
                        goto hc_enter;
                    }
                    ret_val = js_call_c_function(ctx, call_argv[-1], call_argv[-2], call_argc, vc(call_argv), 0);
                } else {
                    hc_argc = hc_unbind(b, call_argv[-1], call_argv, call_argc);
                    if (hc_argc >= 0) {
                        hc_more = call_argc + 2;
                        hc_has_object = true;
                        sp += hc_argc + 2;
                        goto hc_enter;
                    }
                    ret_val = JS_CallInternal(ctx, call_argv[-1], call_argv[-2], JS_UNDEFINED, call_argc, vc(call_argv), 0);
                }
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
