// The patches of mistakes in QuickJS-ng. `__test__/javascript/changed-engine.test.ts` shows each.

/** An array that only the engine sees. With a prototype, what JavaScript does to `Array.prototype` would have effects on it. */
const inner = (name) => ({
  why: 'a list of JSON.stringify has no setters or constants of Array.prototype',
  find: `    jsc->${name} = JS_NewArray(ctx);\n`,
  replace: `    jsc->${name} = JS_NewObjectProtoClass(ctx, JS_NULL, JS_CLASS_ARRAY);\n`,
});

const rules = [
  {
    why: 'of two negative numbers, the one with the larger exponent is the smaller one',
    find: `            if (f < e)
                return -1;
            else
                return 1;
        } else {
            mant = (mant`,
    replace: `            if (f < e)
                return 2 * a_sign - 1;
            else
                return 1 - 2 * a_sign;
        } else {
            mant = (mant`,
  },
  {
    why: 'the characters of a string are its properties, which a spread copies',
    find: `    if (JS_VALUE_GET_TAG(source) != JS_TAG_OBJECT)
        return 0;

    if (JS_VALUE_GET_TAG(excluded) == JS_TAG_OBJECT)`,
    replace: `    if (JS_IsString(source)) {
        JSValue object = JS_ToObject(ctx, source);
        if (JS_IsException(object))
            return -1;
        ret = JS_CopyDataProperties(ctx, target, object, excluded, setprop);
        JS_FreeValue(ctx, object);
        return ret;
    }
    if (JS_VALUE_GET_TAG(source) != JS_TAG_OBJECT)
        return 0;

    if (JS_VALUE_GET_TAG(excluded) == JS_TAG_OBJECT)`,
  },
  {
    why: 'an empty string can be repeated any number of times',
    find: '    if (val < 0 || val > 2147483647) {\n        JS_ThrowRangeError(ctx, "invalid repeat count");',
    replace:
      '    if (val >= 0 && val < INT64_MAX && JS_VALUE_GET_STRING(str)->len == 0)\n        return str;\n    if (val < 0 || val > 2147483647) {\n        JS_ThrowRangeError(ctx, "invalid repeat count");',
  },
  inner('stack'),
  inner('property_list'),
  {
    why: 'a comparer that contradicts itself orders an array as in V8; see sort.h',
    find: '    /* make sort stable: compare array offsets */\n    return (ap->pos > bp->pos) - (ap->pos < bp->pos);',
    replace: '    return 0;',
  },
  {
    why: 'a comparer that contradicts itself orders an array as in V8; see sort.h',
    find: 'static JSValue js_array_sort(JSContext *ctx, JSValueConst this_val,\n',
    replace: '#include "sort.h"\n\nstatic JSValue js_array_sort(JSContext *ctx, JSValueConst this_val,\n',
  },
  {
    why: 'a comparer that contradicts itself orders an array as in V8; see sort.h',
    find: 'rqsort(array, pos, sizeof(*array), js_array_cmp_generic, &asc);',
    replace: 'hc_sort(ctx, array, pos, &asc);',
  },
];

/** @type {import('./patches.mjs').Patch[]} */
export const mistakes = rules.map(({ why, find, replace }) => ({ why, file: 'quickjs.c', find, replace, times: 1 }));
