// The patches of the interpreter that save work: fewer calls of functions for what most bytecode does.

const getter = (label, pushes) => ({
  why: 'a getter is entered without recursion',
  find: `                            if (unlikely(prs->flags & JS_PROP_TMASK))
                                goto ${label};
                            val = js_dup(pr->u.value);
                            break;`,
  replace: `                            if (unlikely(prs->flags & JS_PROP_TMASK)) {
                                JSObject *hc_entered = hc_getter(b, prs, pr);
                                if (!hc_entered)
                                    goto ${label};
                                sf->cur_pc = pc;
                                ${pushes}
                                *sp++ = js_dup(JS_MKPTR(JS_TAG_OBJECT, hc_entered));
                                hc_argc = 0;
                                hc_has_object = true;
                                hc_is_tail = false;
                                goto hc_enter;
                            }
                            val = js_dup(pr->u.value);
                            break;`,
});

const rules = [
  getter('get_field_slow_path', '// The result takes the place of the object.'),
  getter('get_field2_slow_path', '*sp = js_dup(sp[-1]);\n                                sp++;'),
  {
    why: 'most comparisons compare bits',
    find: 'OP_CMP(OP_strict_eq, ==, js_strict_eq_slow(ctx, sp, 0));',
    replace: 'OP_CMP(OP_strict_eq, ==, hc_compare_strictly(ctx, sp, 0));',
  },
  {
    why: 'most comparisons compare bits',
    find: 'OP_CMP(OP_strict_neq, !=, js_strict_eq_slow(ctx, sp, 1));',
    replace: 'OP_CMP(OP_strict_neq, !=, hc_compare_strictly(ctx, sp, 1));',
  },
  {
    why: 'properties.h needs the functions of properties',
    find: '/* Like JS_DefinePropertyValue but borrows val (does not free it) */',
    replace: '#include "properties.h"\n\n/* Like JS_DefinePropertyValue but borrows val (does not free it) */',
  },
  {
    why: 'a new property of an object that is not exotic needs no questions',
    find: '    int ret;\n    ret = JS_DefinePropertyValueConst(ctx, this_obj, prop, val, flags);\n    JS_FreeValue(ctx, val);',
    replace: `    int ret;
    if (hc_add_new_property(ctx, this_obj, prop, val, flags))
        return true;
    ret = JS_DefinePropertyValueConst(ctx, this_obj, prop, val, flags);
    JS_FreeValue(ctx, val);`,
  },
  {
    why: 'a new function has an empty name, which is replaced',
    find: '    if (name != JS_ATOM_NULL\n    &&  JS_IsObject(obj)\n    &&  !js_object_has_name(ctx, obj)\n',
    replace: `    if (name != JS_ATOM_NULL && hc_name_function(ctx, obj, name, flags))
        return 0;
    if (name != JS_ATOM_NULL
    &&  JS_IsObject(obj)
    &&  !js_object_has_name(ctx, obj)
`,
  },
  {
    why: 'most functions have the same properties',
    find: '    func_obj = JS_NewObjectClass(ctx, func_kind_to_class_id[b->func_kind]);\n    if (JS_IsException(func_obj)) {\n        JS_FreeValue(ctx, bfunc);',
    replace: `    JSShape *hc_shape = hc_function_shape(b);
    func_obj = hc_shape ? hc_new_function(ctx, b, hc_shape) : JS_NewObjectClass(ctx, func_kind_to_class_id[b->func_kind]);
    if (JS_IsException(func_obj)) {
        JS_FreeValue(ctx, bfunc);`,
  },
  {
    why: 'most functions have the same properties',
    find: `        /* bfunc has been freed */
        goto fail;
    }
    name_atom = b->func_name;`,
    replace: `        /* bfunc has been freed */
        goto fail;
    }
    if (hc_shape)
        return func_obj;
    name_atom = b->func_name;`,
  },
  {
    why: 'most functions have the same properties',
    find: `                                  JS_AUTOINIT_ID_PROTOTYPE, NULL,
                                  JS_PROP_WRITABLE);
    }
    return func_obj;`,
    replace: `                                  JS_AUTOINIT_ID_PROTOTYPE, NULL,
                                  JS_PROP_WRITABLE);
    }
    hc_keep_function_shape(func_obj, b);
    return func_obj;`,
  },
];

/** @type {import('./patches.mjs').Patch[]} */
export const interpreter = rules.map(({ why, find, replace }) => ({ why, file: 'quickjs.c', find, replace, times: 1 }));
