// JSON text to Python's objects. The host checks the text of a context, so that an error here is one of a build's samples.

static PyObject *hc_read_value(HCReader *reader);

/// The keys of a context, which need no copy.
static PyObject *hc_known_keys[8];

/// A key, from its quote.
static PyObject *hc_read_key(HCReader *reader) {
    const char *begin = reader->at + 1;
    for (unsigned i = 0; i < 8; i++) {
        PyObject *known = hc_known_keys[i];
        size_t length = (size_t)PyUnicode_GET_LENGTH(known);
        if ((size_t)(reader->end - begin) > length && begin[length] == '"' && *begin == *(char *)PyUnicode_1BYTE_DATA(known) &&
            memcmp(begin, PyUnicode_1BYTE_DATA(known), length) == 0) {
            reader->at = begin + length + 1;
            return Py_NewRef(known);
        }
    }
    return hc_read_string(reader);
}

static PyObject *hc_read_number(HCReader *reader) {
    const char *begin = reader->at, *at = begin;
    at += *at == '-';
    const char *digits = at;
    while (at < reader->end && *at >= '0' && *at <= '9')
        at++;
    size_t count = (size_t)(at - digits);
    if (count == 0 || (count > 1 && *digits == '0'))
        return hc_no_json(reader);
    bool is_integer = true;
    if (at < reader->end && *at == '.') {
        const char *fraction = ++at;
        while (at < reader->end && *at >= '0' && *at <= '9')
            at++;
        if (at == fraction)
            return hc_no_json(reader);
        is_integer = false;
    }
    if (at < reader->end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < reader->end && (*at == '-' || *at == '+');
        const char *exponent = at;
        while (at < reader->end && *at >= '0' && *at <= '9')
            at++;
        if (at == exponent)
            return hc_no_json(reader);
        is_integer = false;
    }
    reader->at = at;
    if (is_integer && count <= 18) {
        int64_t number = 0;
        for (size_t i = 0; i < count; i++)
            number = number * 10 + (digits[i] - '0');
        reader->is_plain &= number != 0 || digits == begin;
        return PyLong_FromLongLong(digits == begin ? number : -number);
    }
    char short_copy[64], *copy = short_copy;
    size_t length = (size_t)(at - begin);
    if (length >= sizeof(short_copy) && !(copy = PyMem_Malloc(length + 1)))
        return PyErr_NoMemory();
    memcpy(copy, begin, length);
    copy[length] = 0;
    PyObject *number = NULL;
    if (is_integer) {
        number = PyLong_FromString(copy, NULL, 10);
    } else {
        reader->is_plain = false;
        double value = PyOS_string_to_double(copy, NULL, NULL);
        if (value != -1.0 || !PyErr_Occurred())
            number = PyFloat_FromDouble(value);
    }
    if (copy != short_copy)
        PyMem_Free(copy);
    return number;
}

static PyObject *hc_read_list(HCReader *reader) {
    reader->at++;
    PyObject *list = PyList_New(0);
    if (!list)
        return NULL;
    char next = hc_next(reader);
    if (next == ']') {
        reader->at++;
        return list;
    }
    for (;;) {
        hc_next(reader);
        PyObject *item = hc_read_value(reader);
        if (!item || PyList_Append(list, item) < 0) {
            Py_XDECREF(item);
            break;
        }
        Py_DECREF(item);
        next = hc_next(reader);
        reader->at += next == ',' || next == ']';
        if (next == ']')
            return list;
        if (next != ',') {
            hc_no_json(reader);
            break;
        }
    }
    Py_DECREF(list);
    return NULL;
}

/// An object. If it `is_context`, notes the texts of `input` and `data`, and whether they are plain.
static PyObject *hc_read_object(HCReader *reader, HCText *texts) {
    reader->at++;
    PyObject *object = PyDict_New();
    if (!object)
        return NULL;
    char next = hc_next(reader);
    if (next == '}') {
        reader->at++;
        return object;
    }
    Py_ssize_t members = 0;
    for (;;) {
        if (hc_next(reader) != '"') {
            hc_no_json(reader);
            break;
        }
        PyObject *key = hc_read_key(reader);
        if (!key)
            break;
        if (hc_next(reader) != ':') {
            Py_DECREF(key);
            hc_no_json(reader);
            break;
        }
        reader->at++;
        hc_next(reader);
        const char *begin = reader->at;
        bool was_plain = reader->is_plain;
        reader->is_plain = true;
        PyObject *value = hc_read_value(reader);
        for (unsigned i = 0; texts && i < 2; i++)
            if (key == hc_known_keys[i])
                texts[i] = (HCText){ reader->is_plain ? begin : NULL, (size_t)(reader->at - begin) };
        reader->is_plain &= was_plain;
        bool is_set = value && PyDict_SetItem(object, key, value) == 0;
        Py_DECREF(key);
        Py_XDECREF(value);
        if (!is_set)
            break;
        members++;
        next = hc_next(reader);
        reader->at += next == ',' || next == '}';
        if (next == '}') {
            // A key that is there twice has the last value.
            reader->is_plain &= members == PyDict_GET_SIZE(object);
            return object;
        }
        if (next != ',') {
            hc_no_json(reader);
            break;
        }
    }
    Py_DECREF(object);
    return NULL;
}

static PyObject *hc_read_word(HCReader *reader, const char *word, PyObject *value) {
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return hc_no_json(reader);
    reader->at += length;
    return Py_NewRef(value);
}

static PyObject *hc_read_value(HCReader *reader) {
    char first = reader->at < reader->end ? *reader->at : 0;
    switch (first) {
    case '"': return hc_read_string(reader);
    case 't': return hc_read_word(reader, "true", Py_True);
    case 'f': return hc_read_word(reader, "false", Py_False);
    case 'n': return hc_read_word(reader, "null", Py_None);
    case '{': case '[': break;
    default: return (first >= '0' && first <= '9') || first == '-' ? hc_read_number(reader) : hc_no_json(reader);
    }
    if (Py_EnterRecursiveCall(" while a context is read"))
        return NULL;
    PyObject *value = first == '{' ? hc_read_object(reader, NULL) : hc_read_list(reader);
    Py_LeaveRecursiveCall();
    return value;
}

/// The context of a call, which is an object. `texts` are those of `input` and `data`, if they are plain.
static PyObject *hc_read_context(const char *text, size_t length, HCText texts[2]) {
    HCReader reader = { text, text, text + length, true };
    if (hc_next(&reader) != '{')
        return hc_no_json(&reader);
    PyObject *context = hc_read_object(&reader, texts);
    hc_next(&reader);
    if (context && reader.at != reader.end) {
        Py_DECREF(context);
        return hc_no_json(&reader);
    }
    return context;
}

static void hc_start_reader(void) {
    static const char *const names[8] = { "input", "data", "user", "headers", "tenant_id", "config", "now", "seed" };
    for (unsigned i = 0; i < 8; i++) {
        hc_known_keys[i] = PyUnicode_InternFromString(names[i]);
        if (!hc_known_keys[i])
            __builtin_trap();
    }
}
