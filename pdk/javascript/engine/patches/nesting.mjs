// The patches that bound how deeply a source, a regular expression or a JSON text nests; see `../src/nesting.h`.

/** What a level of each function costs of the host's stack, about as many bytes. */
const costs = [
  ['js_parse_unary', 'JSParseState *s, int parse_flags', 180],
  ['js_parse_assign_expr2', 'JSParseState *s, int parse_flags', 250],
  ['js_parse_postfix_expr', 'JSParseState *s, int parse_flags', 1800],
  [
    'js_parse_class',
    'JSParseState *s, bool is_class_expr,\n                                      JSParseExportEnum export_flag',
    800,
  ],
  ['js_parse_template', 'JSParseState *s, int call, int *argc', 350],
  ['js_parse_block', 'JSParseState *s', 170],
  [
    'js_parse_statement_or_decl',
    'JSParseState *s,\n                                                  int decl_mask',
    300,
  ],
];

const inParser = costs.map(([name, parameters, cost]) => ({
  why: 'a source that nests too deeply is a SyntaxError',
  file: 'quickjs.c',
  find: `static __exception int ${name}(${parameters})\n{\n`,
  replace: `static __exception int ${name}(${parameters})\n{\n    HC_NEST(${cost}, js_parse_error(s, HC_TOO_DEEP));\n`,
  times: 1,
}));

/** @type {import('./patches.mjs').Patch[]} */
export const nesting = [
  {
    why: 'nesting.h has what the functions below count with',
    file: 'quickjs.c',
    find: '/* argument of OP_special_object */',
    replace: '#include "nesting.h"\n\n/* argument of OP_special_object */',
    times: 1,
  },
  ...inParser,
  {
    why: 'a pattern that nests too deeply is a SyntaxError',
    file: 'quickjs.c',
    find: '                                          bool export_flag)\n{\n    int label_parse',
    replace:
      '                                          bool export_flag)\n{\n    HC_NEST(700, js_parse_error(s, HC_TOO_DEEP));\n    int label_parse',
    times: 1,
  },
  {
    why: 'functions that nest too deeply are a SyntaxError',
    file: 'quickjs.c',
    find: /(static __exception int js_parse_function_decl2\([^;{]*\)\n\{\n)/g,
    replace: '$1    HC_NEST(600, js_parse_error(s, HC_TOO_DEEP));\n',
    times: 1,
  },
  {
    why: 'a regular expression that nests too deeply is a SyntaxError',
    file: 'libregexp.c',
    find: /(static int (?:re_parse_disjunction|re_parse_nested_class)\([^;{]*\)\n\{\n)/g,
    replace: '$1    HC_NEST(700, re_parse_error(s, HC_TOO_DEEP));\n',
    times: 2,
  },
  {
    why: 'a JSON text that nests too deeply is a RangeError',
    file: 'quickjs.c',
    find: 'static JSValue json_parse_value(JSParseState *s, JSONParseRecord *pr)\n{\n',
    replace:
      'static JSValue json_parse_value(JSParseState *s, JSONParseRecord *pr)\n{\n    HC_NEST(300, JS_ThrowStackOverflow(s->ctx));\n',
    times: 1,
  },
  {
    why: 'a value that nests too deeply for JSON is a RangeError',
    file: 'quickjs.c',
    find: /(static int js_json_to_str\([^;{]*\)\n\{\n)/g,
    replace: '$1    HC_NEST(400, (JS_ThrowStackOverflow(ctx), -1));\n',
    times: 1,
  },
  {
    why: 'an async function that begins can settle its promise',
    file: 'quickjs.c',
    find: '    JSValue promise;\n    JSAsyncFunctionData *s;\n\n    s = js_mallocz(ctx, sizeof(*s));',
    replace: `    JSValue promise;
    JSAsyncFunctionData *s;

    if (unlikely(!hc_has_spare_stack(ctx)))
        return JS_ThrowStackOverflow(ctx);
    s = js_mallocz(ctx, sizeof(*s));`,
    times: 1,
  },
  {
    why: 'every error of the parser has a location',
    file: 'quickjs.c',
    find: '    if (err) {\n    fail:\n        free_token(s, &s->token);\n',
    replace: '    if (err) {\n    fail:\n        hc_locate_error(s);\n        free_token(s, &s->token);\n',
    times: 1,
  },
];
