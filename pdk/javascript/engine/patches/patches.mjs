// What is changed in QuickJS-ng's sources. Each rule says how often it applies. If a rule does not fit another version of the
// sources, the build fails and does not compile something else.

import { interpreter } from './interpreter.mjs';
import { locations } from './locations.mjs';
import { mistakes } from './mistakes.mjs';
import { nesting } from './nesting.mjs';
import { speed } from './speed.mjs';
import { stackless } from './stackless.mjs';

/** @typedef {{ why: string, file: string, find: string | RegExp, replace: string, times: number }} Patch */

/** @type {Patch[]} */
export const patches = [
  {
    why: 'WebAssembly has no computed jump, so the interpreter is a switch',
    file: 'quickjs.c',
    find: '#define DIRECT_DISPATCH  1',
    replace: '#define DIRECT_DISPATCH  0',
    times: 1,
  },
  {
    why: 'the heap needs the structures before it',
    file: 'quickjs.c',
    find: 'typedef union JSFloat64Union {',
    replace: '#include "heap.h"\n\ntypedef union JSFloat64Union {',
    times: 1,
  },
  {
    why: 'an immortal count is not changed',
    file: 'quickjs.c',
    find: /JS_REF_COUNT\((\w+(?:->\w+)*)\)\+\+;/g,
    replace: 'hc_retain($1);',
    times: 19,
  },
  {
    why: 'an immortal count is not changed',
    file: 'quickjs.c',
    find: /--JS_REF_COUNT\((\w+)\)/g,
    replace: 'hc_release($1)',
    times: 7,
  },
  {
    why: 'an immortal count is not changed',
    file: 'quickjs.c',
    find: /JS_REF_COUNT\((\w+)\)--;/g,
    replace: 'hc_release($1);',
    times: 2,
  },
  {
    why: 'heap.h has the allocator',
    file: 'quickjs.c',
    find: /^(void \*|void |size_t )(js_(?:malloc|calloc|free|realloc|malloc_usable_size)_rt)\(/gm,
    replace: '__attribute__((unused)) static $1replaced_$2(',
    times: 5,
  },
  {
    why: 'the context is in the state, beside the runtime',
    file: 'quickjs.c',
    find: 'ctx = js_mallocz_rt(rt, sizeof(JSContext));',
    replace: 'ctx = hc_new_context();',
    times: 1,
  },
  {
    why: 'the collector runs by what a call has in use',
    file: 'quickjs.c',
    find: /rt->malloc_state\.malloc_size \+ size\) >/g,
    replace: 'hc.live + size) >',
    times: 1,
  },
  {
    why: 'the collector runs by what a call has in use',
    file: 'quickjs.c',
    find: `        rt->malloc_gc_threshold = rt->malloc_state.malloc_size +
            (rt->malloc_state.malloc_size >> 1);`,
    replace: `        rt->malloc_gc_threshold = hc.live + (hc.live >> 1) + HC_COLLECT_FROM;`,
    times: 1,
  },
  {
    why: 'fuel and the deadline end a call, not a handler',
    file: 'quickjs.c',
    find: 'if (unlikely(--ctx->interrupt_counter <= 0)) {',
    replace: 'if (0) {',
    times: 1,
  },
  {
    why: 'while the engine learns, a shape outlives its objects, and every shape on the way to another one stays',
    file: 'quickjs.c',
    find: `    if (add_shape_property(ctx, &p->shape, p, prop, prop_flags))
        return NULL;
    return &p->prop[p->shape->prop_count - 1];`,
    replace: `    if (add_shape_property(ctx, &p->shape, p, prop, prop_flags))
        return NULL;
    if (hc.is_learning && p->shape->is_hashed)
        hc_retain(p->shape);
    return &p->prop[p->shape->prop_count - 1];`,
    times: 1,
  },
  {
    why: 'a plugin is in UTC',
    file: 'quickjs.c',
    find: 'static int getTimezoneOffset(int64_t time) {',
    replace:
      'static int getTimezoneOffset(int64_t time) {\n    return 0;\n}\n\n__attribute__((unused)) static int replaced_getTimezoneOffset(int64_t time) {',
    times: 1,
  },
  {
    why: 'the time comes from the context',
    file: 'quickjs.c',
    find: '        val = date_now();',
    replace: '        if (hc_read_clock(ctx, &val) < 0)\n            return JS_EXCEPTION;',
    times: 1,
  },
  {
    why: 'the time comes from the context',
    file: 'quickjs.c',
    find: '    return js_int64(date_now());',
    replace:
      '    double now;\n    if (hc_read_clock(ctx, &now) < 0)\n        return JS_EXCEPTION;\n    return js_int64((int64_t)now);',
    times: 1,
  },
  {
    why: 'random numbers come from the context',
    file: 'quickjs.c',
    find: '    v = xorshift64star(&ctx->random_state);\n    /* 1.0 <= u.d < 2 */',
    replace:
      '    if (hc_check_random(ctx) < 0)\n        return JS_EXCEPTION;\n    v = xorshift64star(&ctx->random_state);\n    /* 1.0 <= u.d < 2 */',
    times: 1,
  },
  {
    why: 'the message says why there is no eval',
    file: 'quickjs.c',
    find: '"eval is not supported"',
    replace: '"a plugin has no eval and no new Function: its source is compiled when it is built"',
    times: 1,
  },
  ...stackless,
  ...interpreter,
  ...nesting,
  ...locations,
  ...mistakes,
  ...speed,
];

/**
 * The sources with all patches.
 *
 * @param {Map<string, string>} sources by file name
 * @returns {Map<string, string>}
 */
export function patched(sources) {
  const result = new Map(sources);
  for (const { why, file, find, replace, times } of patches) {
    const text = result.get(file);
    if (text === undefined) {
      throw new Error(`the sources have no ${file}`);
    }
    const found = typeof find === 'string' ? text.split(find).length - 1 : [...text.matchAll(find)].length;
    if (found !== times) {
      throw new Error(`${file}: a patch applies ${found} times, not ${times}: ${why}\n${find}`);
    }
    result.set(file, typeof find === 'string' ? text.split(find).join(replace) : text.replace(find, replace));
  }
  return result;
}
