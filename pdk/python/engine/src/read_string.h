// Strings of JSON text, and what the readers share.

/// Bytes of a text.
typedef struct HCText {
    const char *at;
    size_t length;
} HCText;

typedef struct HCReader {
    const char *begin, *at, *end;
    /// Is what was read as `write.h` writes it, so that equal values have equal texts?
    bool is_plain;
} HCReader;

static PyObject *hc_no_json(HCReader *reader) {
    PyErr_Format(PyExc_ValueError, "this is no JSON at byte %zd", (Py_ssize_t)(reader->at - reader->begin));
    return NULL;
}

static inline bool hc_is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/// The next character that is no space; 0 at the end.
static inline char hc_next(HCReader *reader) {
    while (reader->at < reader->end && hc_is_space(*reader->at)) {
        reader->is_plain = false;
        reader->at++;
    }
    return reader->at < reader->end ? *reader->at : 0;
}

static int hc_hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The code of `\uXXXX`, at the four digits; -1 if they are none.
static int hc_read_code(const char *at, const char *end) {
    int code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = at + i < end ? hc_hex_digit(at[i]) : -1;
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

static char *hc_put_utf8(char *to, uint32_t code) {
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (char)(0xe0 | code >> 12);
        } else {
            *to++ = (char)(0xf0 | code >> 18);
            *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (code & 0x3f));
    return to;
}

/// The character of an escape of one letter; 0 if there is none.
static char hc_escaped(char letter) {
    switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case '"': case '\\': case '/': return letter;
    default: return 0;
    }
}

/// A string with escapes, from behind its quote: as UTF-8, in which a surrogate that stands alone is one, too.
static PyObject *hc_read_escaped(HCReader *reader) {
    size_t most = 0;
    for (const char *at = reader->at; at < reader->end && *at != '"'; at++, most++)
        if (*at == '\\')
            at++, most++;
    // An escape is longer than what it stands for.
    char *decoded = PyMem_Malloc(most + 1), *to = decoded;
    if (!decoded)
        return PyErr_NoMemory();
    reader->is_plain = false;
    while (reader->at < reader->end && *reader->at != '"') {
        char c = *reader->at;
        const char *next = reader->at + 1;
        if (c != '\\') {
            if ((unsigned char)c < ' ')
                break;
            *to++ = c;
        } else if (next < reader->end && *next == 'u') {
            int code = hc_read_code(next + 1, reader->end);
            if (code < 0)
                break;
            next += 5;
            if ((code & 0xfc00) == 0xd800 && reader->end - next >= 6 && next[0] == '\\' && next[1] == 'u') {
                int low = hc_read_code(next + 2, reader->end);
                if (low >= 0 && (low & 0xfc00) == 0xdc00) {
                    code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
                    next += 6;
                }
            }
            to = hc_put_utf8(to, (uint32_t)code);
        } else {
            char escaped = next < reader->end ? hc_escaped(*next) : 0;
            if (!escaped)
                break;
            *to++ = escaped;
            next++;
        }
        reader->at = next;
    }
    PyObject *text;
    if (reader->at < reader->end && *reader->at == '"') {
        reader->at++;
        text = PyUnicode_DecodeUTF8(decoded, to - decoded, "surrogatepass");
    } else {
        text = hc_no_json(reader);
    }
    PyMem_Free(decoded);
    return text;
}

/// A string, from its quote.
static PyObject *hc_read_string(HCReader *reader) {
    const char *begin = ++reader->at, *at = begin;
    unsigned char all = 0;
    for (; at < reader->end && *at != '"' && *at != '\\'; at++) {
        unsigned char c = (unsigned char)*at;
        all |= c;
        if (c < ' ') {
            reader->at = at;
            return hc_no_json(reader);
        }
    }
    if (at == reader->end) {
        reader->at = at;
        return hc_no_json(reader);
    }
    if (*at == '\\')
        return hc_read_escaped(reader);
    reader->at = at + 1;
    if (all >= 0x80)
        return PyUnicode_DecodeUTF8(begin, at - begin, NULL);
    if (at - begin <= 1)
        return PyUnicode_FromStringAndSize(begin, at - begin);
    PyObject *text = PyUnicode_New(at - begin, 127);
    if (text)
        memcpy(PyUnicode_1BYTE_DATA(text), begin, (size_t)(at - begin));
    return text;
}
