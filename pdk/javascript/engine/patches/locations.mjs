// The patches that make the locations of a source those that editors show; see `../src/locations.h`.

const rules = [
  {
    why: 'locations.h needs the structures before it',
    find: 'int JS_PRINTF_FORMAT_ATTR(2, 3) js_parse_error(JSParseState *s, ',
    replace: '#include "locations.h"\n\nint JS_PRINTF_FORMAT_ATTR(2, 3) js_parse_error(JSParseState *s, ',
  },
  {
    why: 'a column is a UTF-16 unit',
    find: 'max_int(1, s->mark - s->eol)',
    replace: 'hc_token_column(s)',
    times: 2,
  },
  {
    why: 'a column is a UTF-16 unit',
    find: 'err_col_num = (int)(s->token.ptr - s->token.line_start) + 1;',
    replace: 'err_col_num = hc_column(s->token.line_start, s->token.ptr);',
  },
  {
    why: 'a column is a UTF-16 unit',
    find: '(int)(s->token.ptr - s->line_start) + 1;',
    replace: 'hc_column_of_token(s->token.line_start, s->token.ptr);',
  },
  {
    why: 'the first token can begin at the first byte',
    find: 's->mark = s->buf_ptr + min_int(1, input_len);',
    replace: 's->mark = s->buf_ptr;',
  },
  {
    why: 'who reads a token again begins in its line',
    find: 'sp->line_start = s->line_start;',
    replace: 'sp->line_start = s->token.line_start;',
  },
  {
    why: 'a line of a comment can end with CR alone',
    find: "                if (*p == '\\n') {\n                    s->line_num++;",
    replace: "                if (*p == '\\n' || (*p == '\\r' && p[1] != '\\n')) {\n                    s->line_num++;",
  },
  {
    why: 'LS and PS end a line of a comment',
    find: `                    if (c == CP_LS || c == CP_PS) {
                        s->got_lf = true; /* considered as LF for ASI */
                    }`,
    replace: `                    if (c == CP_LS || c == CP_PS) {
                        s->got_lf = true; /* considered as LF for ASI */
                        hc_begin_line(s, p);
                    }`,
  },
  {
    why: 'LS and PS end a comment and the line',
    find: `                    /* LS or PS are considered as line terminator */
                    if (c == CP_LS || c == CP_PS) {
                        break;`,
    replace: `                    /* LS or PS are considered as line terminator */
                    if (c == CP_LS || c == CP_PS) {
                        p -= 3;
                        break;`,
  },
  {
    why: 'LS and PS end a line of a template',
    find: `                js_parse_error(s, "invalid UTF-8 sequence");
                goto fail;
            }
            p = p_next;
        }`,
    replace: `                js_parse_error(s, "invalid UTF-8 sequence");
                goto fail;
            }
            p = p_next;
            if (c == CP_LS || c == CP_PS)
                hc_begin_line(s, p);
        }`,
  },
  {
    why: 'LS and PS end a line in a string, too',
    find: `                    /* LS or PS are skipped */
                    if (c == CP_LS || c == CP_PS)
                        continue;`,
    replace: `                    /* LS or PS are skipped */
                    if (c == CP_LS || c == CP_PS) {
                        // A template has counted them.
                        if (sep != '\`')
                            hc_begin_line(s, p);
                        continue;
                    }`,
  },
  {
    why: 'LS and PS end a line in a string, too',
    find: `            c = utf8_decode(p - 1, &p_next);
            if (p_next == p)
                goto invalid_utf8;
            p = p_next;`,
    replace: `            c = utf8_decode(p - 1, &p_next);
            if (p_next == p)
                goto invalid_utf8;
            p = p_next;
            if ((c == CP_LS || c == CP_PS) && sep != '\`')
                hc_begin_line(s, p);`,
  },
];

/** @type {import('./patches.mjs').Patch[]} */
export const locations = rules.map(({ why, find, replace, times = 1 }) => ({
  why,
  file: 'quickjs.c',
  find,
  replace,
  times,
}));
