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
        hc_grants.has_clock = now >= 0 && now < 9e15;
        hc_grants.now = hc_grants.has_clock ? (uint64_t)now * 1000000 : 0;
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

/// An answer as bytes, which live until the end of the call. None is the empty answer.
static uint64_t hc_answer(PyObject *bytes) {
    if (bytes == Py_None)
        return 0;
    char *at;
    Py_ssize_t length;
    hc_must(PyBytes_AsStringAndSize(bytes, &at, &length) == 0);
    return (uint64_t)(uintptr_t)at << 32 | (uint32_t)length;
}

/// The answer for the present exception. Without memory there is none: the trap tells the host that memory was refused.
static uint64_t hc_thrown(void) {
    PyObject *error = PyErr_GetRaisedException();
    hc_must(error && !PyErr_GivenExceptionMatches(error, PyExc_MemoryError));
    PyObject *answer = PyObject_CallOneArg(hc.thrown, error);
    hc_must(answer != NULL);
    return hc_answer(answer);
}

static uint64_t hc_call(unsigned index, const char *text, uint32_t length) {
    if (!hc.hooks[index])
        return 0;
    PyObject *context = PyUnicode_DecodeUTF8(text, length, NULL);
    if (!context)
        return hc_thrown();
    PyObject *arguments[] = { hc.hooks[index], context };
    bool was_in_hook = hc_grants.is_in_hook;
    hc_grants.is_in_hook = true;
    PyObject *answer = PyObject_Vectorcall(hc.call, arguments, 2, NULL);
    uint64_t packed = answer ? hc_answer(answer) : hc_thrown();
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
