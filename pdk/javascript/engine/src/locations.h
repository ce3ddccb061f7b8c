// Where a token of a source is, as editors and V8 count: lines end where the language says, and a column is a UTF-16 unit. QuickJS
// counts bytes.

/// The UTF-16 units of a character, at the first of its bytes.
static inline int hc_units(uint8_t byte) {
    return (byte & 0xc0) == 0x80 ? 0 : byte >= 0xf0 ? 2 : 1;
}

/// The column of a place in the line that begins here, from 1.
static int hc_column(const uint8_t *line, const uint8_t *at) {
    int column = 1;
    while (line < at)
        column += hc_units(*line++);
    return column;
}

#ifndef QJS_DISABLE_PARSER

/// How far the columns of a line are counted. The next token is mostly a little further on.
static struct {
    const uint8_t *line, *at;
    int column;
} hc_counted;

/// The same for a token of the line that is being read.
static int hc_column_of_token(const uint8_t *line, const uint8_t *at) {
    if (hc_counted.line != line || at < line) {
        hc_counted.line = hc_counted.at = line;
        hc_counted.column = 1;
    }
    while (hc_counted.at < at)
        hc_counted.column += hc_units(*hc_counted.at++);
    while (hc_counted.at > at && hc_counted.at > line)
        hc_counted.column -= hc_units(*--hc_counted.at);
    return hc_counted.column;
}

/// The column of a token that has been read. One without white space before it has the column of what is before it.
static int hc_token_column(const JSParseState *s) {
    const JSToken *token = &s->token;
    bool is_in_line = token->line_start == s->line_start; // else it is a template that ends in another line
    return hc_column_of_token(token->line_start, is_in_line ? s->mark : token->ptr);
}

/// Begins a line behind LS or PS.
static void hc_begin_line(JSParseState *s, const uint8_t *at) {
    s->line_num++;
    s->line_start = s->mark = at;
    s->eol = at - 1;
}

#endif
