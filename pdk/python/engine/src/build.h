// The steps of a build. Each is called as a hook is, and answers with bytes. The exports are dropped from the plugin.

/// A step that a function of build_steps.py does: it takes bytes, and returns bytes or None.
static uint64_t hc_step(const char *function, const char *bytes, uint32_t length) {
    PyObject *given = PyBytes_FromStringAndSize(bytes, length);
    hc_must(given != NULL);
    PyObject *answer = PyObject_CallOneArg(hc_member(hc.steps, function), given);
    Py_DECREF(given);
    return answer ? hc_answer(answer) : hc_thrown();
}

/// A file name, a zero byte and a source: the names that it imports, as a list in JSON.
HC_EXPORT("imports") uint64_t hc_imports(const char *bytes, uint32_t length) {
    return hc_step("imports", bytes, length);
}

/// The same: its bytecode.
HC_EXPORT("compile") uint64_t hc_compile(const char *bytes, uint32_t length) {
    return hc_step("compile_source", bytes, length);
}

/// Modules that the plugin can import. See `provide` in build_steps.py.
HC_EXPORT("provide") uint64_t hc_provide(const char *bytes, uint32_t length) {
    return hc_step("provide", bytes, length);
}

/// The name of the plugin's module, whose top level runs: `{"hooks":[{"name":…,"index":…},…]}`.
HC_EXPORT("load") uint64_t hc_load(const char *bytes, uint32_t length) {
    uint64_t answer = hc_step("load", bytes, length);
    PyObject *hooks = hc_member(hc.glue, "hooks");
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(hooks) && i < HC_HOOKS; i++) {
        PyObject *hook = PyList_GET_ITEM(hooks, i);
        hc.hooks[i] = hook == Py_None ? NULL : Py_NewRef(hook);
    }
    return answer;
}

/// A byte, the index of a hook, and a sample of a context: what the hook answers. What it leaves stays.
HC_EXPORT("rehearse") uint64_t hc_rehearse(const char *text, uint32_t length) {
    hc_must(length > 0 && (uint8_t)text[0] < HC_HOOKS);
    return hc_call((uint8_t)text[0], text + 1, length - 1);
}

/// The last step: `{"exports":{…}}`, what the plugin exports.
HC_EXPORT("freeze") uint64_t hc_freeze(const char *bytes, uint32_t length) {
    uint64_t answer = hc_step("freeze", bytes, length);
    hc_forget_log();
    memset(&hc_grants, 0, sizeof(hc_grants));
    hc_seal_heap();
    return answer;
}
