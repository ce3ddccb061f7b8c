// The log: lines of JSON in one buffer, which the host reads after a call.

/// The first line, and the bytes of all lines.
uint32_t log_ptr, log_len;

/// The host reads at most 1 MiB. What comes after a little more is dropped, so that a log does not use up the memory.
#define HC_MOST_LOG (1024 * 1024 + 4096)

static size_t hc_log_room;

/// Has a hook begun a line that it has not ended?
static bool hc_log_has_begun;

/// `begin_line()`: has the engine end the line after the hook.
static PyObject *hc_begin_line(PyObject *self, PyObject *nothing) {
    hc_log_has_begun = true;
    Py_RETURN_NONE;
}

static PyObject *hc_log(PyObject *self, PyObject *line) {
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(line, &bytes, &length) < 0)
        return NULL;
    if (log_len >= HC_MOST_LOG)
        Py_RETURN_NONE;
    size_t end = (size_t)log_len + (size_t)length + 1;
    if (end > hc_log_room) {
        size_t room = end * 2 < 1024 ? 1024 : end * 2;
        char *grown = malloc(room);
        if (!grown)
            return PyErr_NoMemory();
        memcpy(grown, (void *)(uintptr_t)log_ptr, log_len);
        log_ptr = (uint32_t)(uintptr_t)grown;
        hc_log_room = room;
    }
    char *at = (char *)(uintptr_t)log_ptr + log_len;
    memcpy(at, bytes, (size_t)length);
    at[length] = '\n';
    log_len += (uint32_t)length + 1;
    Py_RETURN_NONE;
}

/// Forgets what a build logged.
static void hc_forget_log(void) {
    log_ptr = log_len = 0;
    hc_log_room = 0;
    hc_log_has_begun = false;
}
