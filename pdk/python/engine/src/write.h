// Python's objects to JSON text, as JSON.stringify writes it, so that what was read and not changed is the same text again.

/// Text that grows.
typedef struct HCWriter {
    char *at;
    size_t length, room;
} HCWriter;

static bool hc_write_value(HCWriter *writer, PyObject *value);

/// Makes room for so many bytes more. Without memory it raises MemoryError and is false.
static bool hc_make_room(HCWriter *writer, size_t more) {
    if (writer->room - writer->length >= more)
        return true;
    size_t room = writer->room * 2 + more + 256;
    char *grown = PyMem_Realloc(writer->at, room);
    if (!grown) {
        PyErr_NoMemory();
        return false;
    }
    writer->at = grown;
    writer->room = room;
    return true;
}

static inline bool hc_write(HCWriter *writer, const char *bytes, size_t length) {
    if (!hc_make_room(writer, length))
        return false;
    memcpy(writer->at + writer->length, bytes, length);
    writer->length += length;
    return true;
}

#define HC_WRITE(writer, text) hc_write(writer, text, sizeof(text) - 1)

/// The letter that escapes a character; 0 if it has none.
static char hc_escape_of(uint32_t c) {
    switch (c) {
    case '"': case '\\': return (char)c;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
    }
}

/// So many characters are written before room is made for more.
#define HC_CHARACTERS 64

/// There is room for the 6 bytes that a character takes at most.
static inline char *hc_put_character(char *to, uint32_t c) {
    static const char digits[] = "0123456789abcdef";
    if (c >= ' ' && c != '"' && c != '\\' && (c & ~0x7ffu) != 0xd800)
        return hc_put_utf8(to, c);
    *to++ = '\\';
    char letter = hc_escape_of(c);
    if (letter) {
        *to++ = letter;
        return to;
    }
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *to++ = digits[c >> shift & 15];
    return to;
}

static bool hc_write_string(HCWriter *writer, PyObject *text) {
    size_t length = (size_t)PyUnicode_GET_LENGTH(text);
    int kind = (int)PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    size_t done = 0;
    if (PyUnicode_IS_ASCII(text)) {
        const unsigned char *bytes = data;
        while (done < length && bytes[done] >= ' ' && bytes[done] != '"' && bytes[done] != '\\')
            done++;
    }
    if (!hc_make_room(writer, done + 2))
        return false;
    writer->at[writer->length++] = '"';
    memcpy(writer->at + writer->length, data, done);
    writer->length += done;
    while (done < length) {
        size_t end = length - done > HC_CHARACTERS ? done + HC_CHARACTERS : length;
        if (!hc_make_room(writer, HC_CHARACTERS * 6 + 1))
            return false;
        char *to = writer->at + writer->length;
        for (; done < end; done++)
            to = hc_put_character(to, PyUnicode_READ(kind, data, done));
        writer->length = (size_t)(to - writer->at);
    }
    writer->at[writer->length++] = '"';
    return true;
}

/// What `type.__repr__` says, for subclasses too.
static bool hc_write_digits(HCWriter *writer, PyTypeObject *type, PyObject *number) {
    PyObject *text = type->tp_repr(number);
    if (!text)
        return false;
    bool is_written = hc_write(writer, PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text));
    Py_DECREF(text);
    return is_written;
}

static bool hc_write_integer(HCWriter *writer, PyObject *number) {
    if (!PyUnstable_Long_IsCompact((PyLongObject *)number))
        return hc_write_digits(writer, &PyLong_Type, number);
    Py_ssize_t value = PyUnstable_Long_CompactValue((PyLongObject *)number);
    char digits[24], *at = digits + sizeof(digits);
    size_t rest = value < 0 ? 0 - (size_t)value : (size_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--at = '-';
    return hc_write(writer, at, (size_t)(digits + sizeof(digits) - at));
}

static bool hc_write_float(HCWriter *writer, PyObject *number) {
    double value = PyFloat_AS_DOUBLE(number);
    if (value - value != 0) {
        PyErr_Format(PyExc_ValueError, "JSON has no number %R", number);
        return false;
    }
    return hc_write_digits(writer, &PyFloat_Type, number);
}

/// None, True, False and numbers; -1 for anything else.
static int hc_write_scalar(HCWriter *writer, PyObject *value) {
    if (value == Py_None)
        return HC_WRITE(writer, "null");
    if (value == Py_True)
        return HC_WRITE(writer, "true");
    if (value == Py_False)
        return HC_WRITE(writer, "false");
    if (PyLong_Check(value))
        return hc_write_integer(writer, value);
    if (PyFloat_Check(value))
        return hc_write_float(writer, value);
    return -1;
}

static bool hc_write_key(HCWriter *writer, PyObject *key) {
    if (PyUnicode_Check(key))
        return hc_write_string(writer, key);
    if (!HC_WRITE(writer, "\""))
        return false;
    int written = hc_write_scalar(writer, key);
    if (written < 0) {
        const char *name = Py_TYPE(key)->tp_name;
        PyErr_Format(PyExc_TypeError, "keys must be str, int, float, bool or None, not %.100s", name);
    }
    return written > 0 && HC_WRITE(writer, "\"");
}

/// A member of an object, with a comma before it unless it `is_first`.
static bool hc_write_member(HCWriter *writer, bool is_first, PyObject *key, PyObject *value) {
    // What a value of a class of the plugin does while it is written may change the dict.
    Py_INCREF(key);
    Py_INCREF(value);
    bool is_written = (is_first || HC_WRITE(writer, ",")) && hc_write_key(writer, key) && HC_WRITE(writer, ":") &&
        hc_write_value(writer, value);
    Py_DECREF(key);
    Py_DECREF(value);
    return is_written;
}

static bool hc_write_dict(HCWriter *writer, PyObject *dict) {
    if (!HC_WRITE(writer, "{"))
        return false;
    bool is_first = true, is_written = true;
    if (PyDict_CheckExact(dict)) {
        PyObject *key, *value;
        for (Py_ssize_t at = 0; is_written && PyDict_Next(dict, &at, &key, &value); is_first = false)
            is_written = hc_write_member(writer, is_first, key, value);
    } else {
        PyObject *items = PyMapping_Items(dict);
        is_written = items != NULL;
        for (Py_ssize_t i = 0; is_written && i < PyList_GET_SIZE(items); i++, is_first = false) {
            PyObject *item = PyList_GET_ITEM(items, i);
            is_written = PyTuple_Check(item) && PyTuple_GET_SIZE(item) == 2;
            if (is_written)
                is_written = hc_write_member(writer, is_first, PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1));
            else
                PyErr_SetString(PyExc_ValueError, "items must return 2-tuples");
        }
        Py_XDECREF(items);
    }
    return is_written && HC_WRITE(writer, "}");
}

/// A list or a tuple.
static bool hc_write_list(HCWriter *writer, PyObject *list) {
    if (!HC_WRITE(writer, "["))
        return false;
    PyObject *items = PySequence_Fast(list, "this is no list");
    bool is_written = items != NULL;
    for (Py_ssize_t i = 0; is_written && i < PySequence_Fast_GET_SIZE(items); i++) {
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(items, i));
        is_written = (i == 0 || HC_WRITE(writer, ",")) && hc_write_value(writer, item);
        Py_DECREF(item);
    }
    Py_XDECREF(items);
    return is_written && HC_WRITE(writer, "]");
}

static bool hc_write_value(HCWriter *writer, PyObject *value) {
    if (PyUnicode_Check(value))
        return hc_write_string(writer, value);
    int written = hc_write_scalar(writer, value);
    if (written >= 0)
        return written;
    bool is_dict = PyDict_Check(value);
    if (!is_dict && !PyList_Check(value) && !PyTuple_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%.100s is no JSON value", Py_TYPE(value)->tp_name);
        return false;
    }
    if (Py_EnterRecursiveCall(" while a result is written"))
        return false;
    bool is_written = is_dict ? hc_write_dict(writer, value) : hc_write_list(writer, value);
    Py_LeaveRecursiveCall();
    return is_written;
}
