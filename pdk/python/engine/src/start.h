// The start of CPython, which is the start-up of the module.

// Made by the build: `hc_frozen_modules`.
#include "frozen.h"

#define HC_HOOKS 16

static struct {
    PyObject *glue, *steps, *reject, *take_grants, *thrown, *end_lines, *ok;
    PyObject *hooks[HC_HOOKS];
} hc;

static PyObject *hc_grant(PyObject *self, PyObject *const *arguments, Py_ssize_t count);
static PyObject *hc_dumps(PyObject *self, PyObject *value);
static PyObject *hc_time_ns(PyObject *self, PyObject *nothing);

static PyMethodDef hc_methods[] = {
    { "log", hc_log, METH_O, NULL },
    { "begin_line", hc_begin_line, METH_NOARGS, NULL },
    { "grant", (PyCFunction)(void (*)(void))hc_grant, METH_FASTCALL, NULL },
    { "dumps", hc_dumps, METH_O, NULL },
    { "time_ns", hc_time_ns, METH_NOARGS, NULL },
    { NULL, NULL, 0, NULL },
};

static struct PyModuleDef hc_module = { PyModuleDef_HEAD_INIT, "_hookcell_host", NULL, -1, hc_methods };

static PyObject *hc_make_module(void) {
    return PyModule_Create(&hc_module);
}

static void hc_must(bool holds) {
    if (!holds)
        __builtin_trap();
}

static PyObject *hc_member(PyObject *module, const char *name) {
    PyObject *member = PyObject_GetAttrString(module, name);
    hc_must(member != NULL);
    return member;
}

__attribute__((constructor(1000))) static void hc_start(void) {
    PyImport_FrozenModules = hc_frozen_modules;
    hc_must(PyImport_AppendInittab("_hookcell_host", hc_make_module) == 0);
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    // The heap is as fast, and pymalloc's arenas would spread what a call writes over more pages.
    before.allocator = PYMEM_ALLOCATOR_MALLOC;
    hc_must(!PyStatus_Exception(Py_PreInitialize(&before)));
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    config.install_signal_handlers = 0;
    config.use_hash_seed = 1;
    config.hash_seed = 0;
    config.pathconfig_warnings = 0;
    config.module_search_paths_set = 1;
    config.write_bytecode = 0;
    config.use_frozen_modules = 1;
    PyConfig_SetString(&config, &config.program_name, L"hookcell");
    PyConfig_SetString(&config, &config.executable, L"");
    PyConfig_SetString(&config, &config.base_executable, L"");
    PyConfig_SetString(&config, &config.home, L"/");
    hc_must(!PyStatus_Exception(Py_InitializeFromConfig(&config)));
    PyConfig_Clear(&config);
    hc_start_reader();
    hc.glue = PyImport_ImportModule("_hookcell");
    hc.steps = PyImport_ImportModule("_hookcell_build");
    hc_must(hc.glue && hc.steps);
    hc.reject = hc_member(hc.glue, "Reject");
    hc.take_grants = hc_member(hc.glue, "take_grants");
    hc.ok = PyUnicode_InternFromString("ok");
    hc_must(hc.ok != NULL);
    hc.thrown = hc_member(hc.glue, "thrown");
    hc.end_lines = hc_member(hc.glue, "end_lines");
}
