// A call of a hook.

HC_EXPORT("alloc") void *hc_alloc(uint32_t size) {
    return malloc(size > 0 ? size : 1);
}

/// A cell is dropped whole.
HC_EXPORT("dealloc") void hc_dealloc(void *at, uint32_t size) {}

/// `grant(now_in_milliseconds or None, seed as bytes or None)`: what the present context grants.
static PyObject *hc_grant(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    hc_must(count == 2);
    if (arguments[0] != Py_None) {
        double now = PyFloat_AsDouble(arguments[0]);
        if (now == -1.0 && PyErr_Occurred())
            return NULL;
        hc_grants.has_clock = true;
        hc_grants.is_out_of_range = !(now >= 0 && now <= HC_LAST_TIME);
        hc_grants.now = hc_grants.is_out_of_range ? 0 : (uint64_t)now * 1000000;
    }
    if (arguments[1] != Py_None) {
        char *bytes;
        Py_ssize_t length;
        if (PyBytes_AsStringAndSize(arguments[1], &bytes, &length) < 0)
            return NULL;
        hc_grants.has_seed = true;
        hc_grants.random_state = 0;
        for (Py_ssize_t i = 0; i < length; i++) {
            hc_grants.random_state ^= (uint8_t)bytes[i];
            hc_next_random();
        }
    }
    Py_RETURN_NONE;
}

/// `time_ns()`: the time that is granted, or 0. For the lines of `logging`, which `patches.mjs` makes ask.
static PyObject *hc_time_ns(PyObject *self, PyObject *nothing) {
    return PyLong_FromUnsignedLongLong(hc_grants.now);
}

/// `dumps(value)`: its JSON text, as bytes.
static PyObject *hc_dumps(PyObject *self, PyObject *value) {
    HCWriter writer = { 0 };
    PyObject *bytes = NULL;
    if (hc_write_value(&writer, value))
        bytes = PyBytes_FromStringAndSize(writer.at, (Py_ssize_t)writer.length);
    PyMem_Free(writer.at);
    return bytes;
}

static uint64_t hc_packed(const void *at, size_t length) {
    return (uint64_t)(uintptr_t)at << 32 | (uint32_t)length;
}

/// An answer as bytes, which live until the end of the call. None is the empty answer.
static uint64_t hc_answer(PyObject *bytes) {
    if (bytes == Py_None)
        return 0;
    char *at;
    Py_ssize_t length;
    hc_must(PyBytes_AsStringAndSize(bytes, &at, &length) == 0);
    return hc_packed(at, (size_t)length);
}

/// The answer for the present exception. Without memory there is none: the trap tells the host that memory was refused. A
/// MemoryError of the parser says that a source nests too deeply.
static uint64_t hc_thrown(void) {
    PyObject *error = PyErr_GetRaisedException();
    hc_must(error && !(heap.has_refused && PyErr_GivenExceptionMatches(error, PyExc_MemoryError)));
    PyObject *answer = PyObject_CallOneArg(hc.thrown, error);
    hc_must(answer != NULL);
    return hc_answer(answer);
}

/// The answer of a plugin that says no: the attributes of the `Reject` that was raised.
static bool hc_write_rejection(HCWriter *writer) {
    PyObject *error = PyErr_GetRaisedException();
    PyObject *why = PyObject_GetAttrString(error, "error");
    PyObject *details = why ? PyObject_GetAttrString(error, "details") : NULL;
    bool is_written = details && HC_WRITE(writer, "{\"ok\":false,\"error\":") && hc_write_value(writer, why);
    if (is_written && details != Py_None)
        is_written = HC_WRITE(writer, ",\"details\":") && hc_write_value(writer, details);
    return is_written && HC_WRITE(writer, "}");
}

/// The text of a member of a context, as `write.h` writes it: that of the context itself, if it is plain.
static bool hc_text_before(HCText *text, PyObject *context, PyObject *key) {
    if (text->at)
        return true;
    HCWriter writer = { 0 };
    PyObject *value = PyDict_GetItemWithError(context, key);
    if (!hc_write_value(&writer, value ? value : Py_None))
        return false;
    *text = (HCText){ writer.at, writer.length };
    return true;
}

/// Writes what a result changes, and counts the changes; -1 if it raises. `before` are the texts of `input` and `data`.
static int hc_write_changes(HCWriter *writer, PyObject *result, const HCText before[2], bool *has_any) {
    int changes = 0;
    for (unsigned i = 0; i < 2; i++) {
        PyObject *value = PyDict_GetItemWithError(result, hc_known_keys[i]);
        if (!value) {
            if (PyErr_Occurred())
                return -1;
            continue;
        }
        *has_any = true;
        size_t begin = writer->length;
        const char *key = changes > 0 ? ",\"data\":" : i > 0 ? "\"data\":" : "\"input\":";
        if (!hc_write(writer, key, strlen(key)))
            return -1;
        size_t at = writer->length;
        if (!hc_write_value(writer, value))
            return -1;
        if (writer->length - at == before[i].length && memcmp(writer->at + at, before[i].at, before[i].length) == 0)
            writer->length = begin;
        else
            changes++;
    }
    return changes;
}

/// Writes the answer for what a hook returned; the empty answer if it changes nothing. False if it raises.
static bool hc_write_answer(HCWriter *writer, PyObject *result, PyObject *context, const HCText before[2]) {
    bool is_nothing = result == Py_None;
    if (is_nothing)
        result = context;
    if (PyDict_Check(result)) {
        int has_ok = is_nothing ? 0 : PyDict_Contains(result, hc.ok);
        if (has_ok != 0)
            return has_ok > 0 && hc_write_value(writer, result);
        bool has_any = false;
        int changes =
            HC_WRITE(writer, "{\"ok\":true,\"ctx\":{") ? hc_write_changes(writer, result, before, &has_any) : -1;
        if (changes > 0)
            return HC_WRITE(writer, "}}");
        writer->length = 0;
        if (changes < 0 || has_any || result == context)
            return changes == 0;
    }
    static const char expected[] = "a hook returns nothing, a dict with input or data, or a result with ok";
    if (PyDict_Check(result))
        PyErr_SetString(PyExc_TypeError, expected);
    else
        PyErr_Format(PyExc_TypeError, "%s, and no %.100s", expected, Py_TYPE(result)->tp_name);
    return false;
}

/// Has the clock and the random numbers follow from what a context grants.
static bool hc_take_grants(PyObject *context) {
    // The last two of the keys.
    for (unsigned i = 6; i < 8; i++)
        if (PyDict_GetItemWithError(context, hc_known_keys[i])) {
            PyObject *done = PyObject_CallOneArg(hc.take_grants, context);
            Py_XDECREF(done);
            return done != NULL;
        }
    return true;
}

static bool hc_write_call(HCWriter *writer, PyObject *hook, const char *text, uint32_t length) {
    HCText before[2] = { { "null", 4 }, { "null", 4 } };
    PyObject *context = hc_read_context(text, length, before);
    if (!context || !hc_take_grants(context))
        return false;
    for (unsigned i = 0; i < 2; i++)
        if (!hc_text_before(&before[i], context, hc_known_keys[i]))
            return false;
    PyObject *result = PyObject_CallOneArg(hook, context);
    if (result)
        return hc_write_answer(writer, result, context, before);
    return PyErr_ExceptionMatches(hc.reject) && hc_write_rejection(writer);
}

/// Writes a line of the log that the hook has not ended. An exception stays.
static void hc_end_lines(void) {
    if (!hc_log_has_begun)
        return;
    PyObject *error = PyErr_GetRaisedException();
    PyObject *done = PyObject_CallNoArgs(hc.end_lines);
    Py_XDECREF(done);
    PyErr_SetRaisedException(error);
}

static uint64_t hc_call(unsigned index, const char *text, uint32_t length) {
    if (!hc.hooks[index])
        return 0;
    HCWriter writer = { 0 };
    bool was_in_hook = hc_grants.is_in_hook;
    hc_grants.is_in_hook = true;
    // What a call leaves is dropped with its cell, so nothing is given back.
    bool is_written = hc_write_call(&writer, hc.hooks[index], text, length);
    hc_end_lines();
    uint64_t packed = !is_written ? hc_thrown() : writer.length > 0 ? hc_packed(writer.at, writer.length) : 0;
    hc_grants.is_in_hook = was_in_hook;
    return packed;
}

#define HC_HOOK(name, index) \
    HC_EXPORT(name) uint64_t hc_hook_##index(const char *text, uint32_t length) { \
        return hc_call(index, text, length); \
    }
HC_HOOK("before_hook", 0)
HC_HOOK("after_hook", 1)
HC_HOOK("hook_2", 2)
HC_HOOK("hook_3", 3)
HC_HOOK("hook_4", 4)
HC_HOOK("hook_5", 5)
HC_HOOK("hook_6", 6)
HC_HOOK("hook_7", 7)
HC_HOOK("hook_8", 8)
HC_HOOK("hook_9", 9)
HC_HOOK("hook_10", 10)
HC_HOOK("hook_11", 11)
HC_HOOK("hook_12", 12)
HC_HOOK("hook_13", 13)
HC_HOOK("hook_14", 14)
HC_HOOK("hook_15", 15)
