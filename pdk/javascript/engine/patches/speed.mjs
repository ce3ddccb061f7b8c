// The patches that save work and writes, without a difference that JavaScript could see.

const rules = [
  {
    why: 'regexp.h has faster ways for regular expressions that nothing has changed',
    find: 'static JSValue js_regexp_test(JSContext *ctx, JSValueConst this_val,\n',
    replace: '#include "regexp.h"\n\nstatic JSValue js_regexp_test(JSContext *ctx, JSValueConst this_val,\n',
  },
  {
    why: 'a test needs no object for its match',
    find: '    bool ret;\n\n    val = JS_RegExpExec(ctx, this_val, argv[0]);\n',
    replace: `    bool ret;
    int found = hc_regexp_test(ctx, this_val, argv[0]);

    if (likely(found >= 0))
        return js_bool(found);
    val = JS_RegExpExec(ctx, this_val, argv[0]);
`,
  },
  {
    why: 'a split needs no other regular expression, and no objects for its matches',
    find: '    ctor = JS_SpeciesConstructor(ctx, rx, ctx->regexp_ctor);\n',
    replace: `    if (JS_IsUndefined(argv[1])) {
        A = hc_regexp_split(ctx, rx, str);
        if (!JS_IsUndefined(A))
            goto done;
    }
    ctor = JS_SpeciesConstructor(ctx, rx, ctx->regexp_ctor);
`,
  },
  {
    why: 'only an error has a stack: nothing reads one of another exception',
    find: `    if (needs_backtrace(rt->current_exception)
    || JS_IsUndefined(ctx->error_back_trace)) {
        sf->cur_pc = pc;`,
    replace: `    if (needs_backtrace(rt->current_exception)) {
        sf->cur_pc = pc;`,
  },
  {
    why: 'text is put together faster without a format',
    find: '            dbuf_printf(&dbuf, "    at %s", str1);\n',
    replace: '            dbuf_putstr(&dbuf, "    at ");\n            dbuf_putstr(&dbuf, str1);\n',
  },
  {
    why: 'text is put together faster without a format',
    find: '                dbuf_printf(&dbuf, " (%s", atom_str ? atom_str : "<null>");\n',
    replace:
      '                dbuf_putstr(&dbuf, " (");\n                dbuf_putstr(&dbuf, atom_str ? atom_str : "<null>");\n',
  },
  {
    why: 'text is put together faster without a format',
    find: '                    dbuf_printf(&dbuf, ":%d:%d", line_num1, col_num1);\n',
    replace: '                    hc_put_place(&dbuf, line_num1, col_num1);\n',
  },
  {
    why: 'text is put together faster without a format',
    find: 'static void build_backtrace(JSContext *ctx, JSValueConst error_val,\n                            JSValueConst filter_func, const char *filename,\n                            int line_num, int col_num, int backtrace_flags)\n{',
    replace: `static void hc_put_place(DynBuf *to, int line, int column)
{
    char text[32];
    size_t length = 0;
    text[length++] = ':';
    length += i32toa(text + length, line);
    text[length++] = ':';
    length += i32toa(text + length, column);
    dbuf_put(to, text, length);
}

static void build_backtrace(JSContext *ctx, JSValueConst error_val,
                            JSValueConst filter_func, const char *filename,
                            int line_num, int col_num, int backtrace_flags)
{`,
  },
  {
    why: 'an immortal key of a weak map never dies, so that nothing needs to be known of the maps that have it',
    find: '    if (s->is_weak) {\n        JSWeakRefRecord *wr = js_malloc(ctx, sizeof(*wr));',
    replace:
      '    if (s->is_weak && !hc_is_immortal(JS_VALUE_GET_PTR(key))) {\n        JSWeakRefRecord *wr = js_malloc(ctx, sizeof(*wr));',
  },
  {
    why: 'an immortal key of a weak map never dies, so that nothing needs to be known of the maps that have it',
    find: '    JSWeakRefRecord **pwr, *wr;\n\n    pwr = get_first_weak_ref(mr->key);\n',
    replace:
      '    JSWeakRefRecord **pwr, *wr;\n\n    if (hc_is_immortal(JS_VALUE_GET_PTR(mr->key)))\n        return;\n    pwr = get_first_weak_ref(mr->key);\n',
  },
  {
    why: 'the keys of an object are in its shape, which an iteration can hold: it needs no object of its own with the same keys',
    find: '    bool is_array;\n    uint32_t array_length;\n    uint32_t idx;\n} JSForInIterator;\n',
    replace:
      '    bool is_array;\n    uint32_t array_length;\n    uint32_t idx;\n    JSShape *shape;\n} JSForInIterator;\n',
  },
  {
    why: 'the keys of an object are in its shape, which an iteration can hold: it needs no object of its own with the same keys',
    find: '    JSForInIterator *it = p->u.for_in_iterator;\n    JS_FreeValueRT(rt, it->obj);\n',
    replace:
      '    JSForInIterator *it = p->u.for_in_iterator;\n    js_free_shape_null(rt, it->shape);\n    JS_FreeValueRT(rt, it->obj);\n',
  },
  {
    why: 'the keys of an object are in its shape, which an iteration can hold: it needs no object of its own with the same keys',
    find: '    it->is_array = false;\n    it->obj = obj;\n    it->idx = 0;\n',
    replace: '    it->is_array = false;\n    it->obj = obj;\n    it->idx = 0;\n    it->shape = NULL;\n',
  },
  {
    why: 'the keys of an object are in its shape, which an iteration can hold: it needs no object of its own with the same keys',
    find: '    normal_case:\n        if (JS_GetOwnPropertyNamesInternal(',
    replace: `    normal_case:
        if (hc_is_list_of_keys(ctx, p)) {
            it->shape = js_dup_shape(p->shape);
            return enum_obj;
        }
        if (JS_GetOwnPropertyNamesInternal(`,
  },
  {
    why: 'the keys of an object are in its shape, which an iteration can hold: it needs no object of its own with the same keys',
    find: '            JSShape *sh = p->shape;\n            JSShapeProperty *prs;\n            if (it->idx >= sh->prop_count)',
    replace:
      '            JSShape *sh = it->shape ? it->shape : p->shape;\n            JSShapeProperty *prs;\n            if (it->idx >= sh->prop_count)',
  },
  {
    why: 'a prototype without anything to list is passed over',
    find: `        if (JS_GetOwnPropertyNamesInternal(ctx, &tab_atom, &tab_atom_count,
                                           JS_VALUE_GET_OBJ(obj1),
                                           JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY)) {`,
    replace: `        if (hc_lists_nothing(JS_VALUE_GET_OBJ(obj1)))
            continue;
        if (JS_GetOwnPropertyNamesInternal(ctx, &tab_atom, &tab_atom_count,
                                           JS_VALUE_GET_OBJ(obj1),
                                           JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY)) {`,
  },
  {
    why: 'the keys of an object are in its shape, which an iteration can hold: it needs no object of its own with the same keys',
    find: 'static JSValue build_for_in_iterator(JSContext *ctx, JSValue obj)\n{',
    replace: '#include "keys.h"\n\nstatic JSValue build_for_in_iterator(JSContext *ctx, JSValue obj)\n{',
  },
  {
    why: 'whole numbers have zeros where a table of a map looks, and so have pointers',
    find: '    return h ^ ctx->hash_seed ^ hash32(tag);\n',
    replace: '    return hc_mix(h ^ ctx->hash_seed ^ hash32(tag));\n',
  },
  {
    why: 'an array without its last element is as fast as it was',
    find: `                if (p->class_id == JS_CLASS_ARRAY ||
                    p->class_id == JS_CLASS_ARGUMENTS ||`,
    replace: `                if (p->class_id == JS_CLASS_ARRAY && idx == p->u.array.count - 1) {
                    JSValue last = p->u.array.u.values[idx];
                    p->u.array.count = idx;
                    JS_FreeValue(ctx, last);
                    return true;
                }
                if (p->class_id == JS_CLASS_ARRAY ||
                    p->class_id == JS_CLASS_ARGUMENTS ||`,
  },
];

/** @type {import('./patches.mjs').Patch[]} */
export const speed = rules.map(({ why, find, replace }) => ({ why, file: 'quickjs.c', find, replace, times: 1 }));
