// What is changed in CPython's sources, and how often each rule applies. If a rule does not fit another version of the sources,
// the build fails and does not compile something else.

/** @type {{ why: string, file: string, find: string, replace: string, times: number }[]} */
export const patches = [
  {
    why: 'the message says why a hook has no clock and no randomness',
    file: 'Python/errors.c',
    find: '        const char *s = strerror(i);',
    replace: '        extern const char *hc_error_text(int);\n        const char *s = hc_error_text(i);',
    times: 1,
  },
  {
    why: 'so many calls of C fit in the 512 KiB of stack that the host gives a guest',
    file: 'Include/cpython/pystate.h',
    find: '#  define Py_C_RECURSION_LIMIT 5000',
    replace: '#  define Py_C_RECURSION_LIMIT 400',
    times: 1,
  },
  {
    why: 'random numbers that were seeded at build, when there is no entropy, are none in a hook',
    file: 'Modules/_randommodule.c',
    find: '    int index;\n    uint32_t state[N];\n} RandomObject;',
    replace:
      '    int index;\n    int is_unseeded;\n    uint32_t state[N];\n} RandomObject;\n\nextern int hc_is_in_hook(void);\nextern int hc_refuses_random(void);',
    times: 1,
  },
  {
    why: 'random numbers that were seeded at build, when there is no entropy, are none in a hook',
    file: 'Modules/_randommodule.c',
    find: '    mt = self->state;\n    init_genrand(self, 19650218U);',
    replace: '    mt = self->state;\n    self->is_unseeded = 0;\n    init_genrand(self, 19650218U);',
    times: 1,
  },
  {
    why: 'random numbers that were seeded at build, when there is no entropy, are none in a hook',
    file: 'Modules/_randommodule.c',
    find: '    init_by_array(self, key, Py_ARRAY_LENGTH(key));\n    return 0;\n}\n\nstatic int\nrandom_seed_time_pid',
    replace:
      '    init_by_array(self, key, Py_ARRAY_LENGTH(key));\n    self->is_unseeded = !hc_is_in_hook();\n    return 0;\n}\n\nstatic int\nrandom_seed_time_pid',
    times: 1,
  },
  {
    why: 'without entropy there is an error, and no number that follows from the time',
    file: 'Modules/_randommodule.c',
    find: '       if (random_seed_urandom(self) < 0) {\n            PyErr_Clear();',
    replace: '       if (random_seed_urandom(self) < 0) {\n            return -1;',
    times: 1,
  },
  {
    why: 'random numbers that were seeded at build, when there is no entropy, are none in a hook',
    file: 'Modules/_randommodule.c',
    find: '    uint32_t a=genrand_uint32(self)>>5, b=genrand_uint32(self)>>6;',
    replace:
      '    if (self->is_unseeded && hc_refuses_random())\n        return NULL;\n    uint32_t a=genrand_uint32(self)>>5, b=genrand_uint32(self)>>6;',
    times: 1,
  },
  {
    why: 'random numbers that were seeded at build, when there is no entropy, are none in a hook',
    file: 'Modules/_randommodule.c',
    find: '    Py_ssize_t i, words;\n    uint32_t r;',
    replace:
      '    Py_ssize_t i, words;\n    if (self->is_unseeded && hc_refuses_random())\n        return NULL;\n    uint32_t r;',
    times: 1,
  },
  {
    why: 'a line of the log has the time that the context grants, or none',
    file: 'Lib/logging/__init__.py',
    find: '        ct = time.time_ns()',
    replace: '        ct = _hookcell_host.time_ns()',
    times: 1,
  },
  {
    why: 'a line of the log has the time that the context grants, or none',
    file: 'Lib/logging/__init__.py',
    find: 'import sys, os, time, io,',
    replace: 'import _hookcell_host, sys, os, time, io,',
    times: 1,
  },
  {
    why: 'the engine starts with this module, and without those that only numbers of 135,000 digits use',
    file: 'Lib/_pylong.py',
    find: 'import re\nimport decimal\ntry:\n    import _decimal\nexcept ImportError:\n    _decimal = None\n',
    replace: '_decimal = None\n',
    times: 1,
  },
  {
    why: 'the engine starts with this module, and without those that only numbers of 135,000 digits use',
    file: 'Lib/_pylong.py',
    find: [
      '_unbounded_dec_context = decimal.getcontext().copy()',
      '_unbounded_dec_context.prec = decimal.MAX_PREC',
      '_unbounded_dec_context.Emax = decimal.MAX_EMAX',
      '_unbounded_dec_context.Emin = decimal.MIN_EMIN',
      '_unbounded_dec_context.traps[decimal.Inexact] = 1 # sanity check\n',
    ].join('\n'),
    replace: '',
    times: 1,
  },
  {
    why: 'a hook without a clock has no time, and not that of 1970',
    file: 'Modules/timemodule.c',
    find: '#include <time.h>                 // clock()',
    replace: '#include <time.h>                 // clock()\n\nextern int hc_refuses_clock(void);',
    times: 1,
  },
  {
    why: 'a hook without a clock has no time, and not that of 1970',
    file: 'Modules/timemodule.c',
    find: '        whent = time(NULL);',
    replace: '        if (hc_refuses_clock())\n            return 0;\n        whent = time(NULL);',
    times: 1,
  },
  {
    why: 'a hook without a clock has no time, and not that of 1970',
    file: 'Modules/timemodule.c',
    find: '        time_t tt = time(NULL);',
    replace: '        if (hc_refuses_clock())\n            return NULL;\n        time_t tt = time(NULL);',
    times: 2,
  },
  {
    why: 'a hook without a clock has no time, and not that of 1970',
    file: 'Modules/timemodule.c',
    find: '    clock_t ticks = clock();',
    replace: '    if (hc_refuses_clock())\n        return -1;\n    clock_t ticks = clock();',
    times: 1,
  },
  {
    why: 'a plugin cannot sleep, and says so',
    file: 'Modules/timemodule.c',
    find: 'pysleep(PyTime_t timeout)\n{\n    assert(timeout >= 0);\n',
    replace:
      'pysleep(PyTime_t timeout)\n{\n    assert(timeout >= 0);\n\n    extern int hc_refuses_sleep(void);\n    if (timeout == 0)\n        return 0;\n    if (hc_refuses_sleep())\n        return -1;\n',
    times: 1,
  },
  {
    why: 'a wait that nothing would end is an error, and no trap',
    file: 'Modules/_threadmodule.c',
    find: '    PyLockStatus r = _PyMutex_LockTimed(&self->lock, timeout,',
    replace:
      '    extern int hc_refuses_wait(void);\n    if (timeout < 0 && PyMutex_IsLocked(&self->lock) && hc_refuses_wait())\n        return NULL;\n    PyLockStatus r = _PyMutex_LockTimed(&self->lock, timeout,',
    times: 1,
  },
  {
    why: 'a wait that nothing would end is an error, and no trap',
    file: 'Modules/_queuemodule.c',
    find: '        bool waiting = 1;\n        self->has_threads_waiting = waiting;',
    replace:
      '        extern int hc_refuses_wait(void);\n        if (timeout_ns < 0 && hc_refuses_wait())\n            return NULL;\n        bool waiting = 1;\n        self->has_threads_waiting = waiting;',
    times: 1,
  },
  {
    why: 'the parser says that a source nests too deeply before it uses up the 512 KiB of stack that the host gives a guest',
    file: 'Parser/parser.c',
    find: '#    define MAXSTACK 4000',
    replace: '#    define MAXSTACK 2000',
    times: 1,
  },
];
