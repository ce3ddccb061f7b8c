// The engine of Python plugins: a started CPython without an operating system. It imports nothing.

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HC_EXPORT(name) __attribute__((export_name(name)))

#include "heap.h"
#include "platform.h"
#include "wasi.h"
#include "log.h"
#include "read_string.h"
#include "read.h"
#include "write.h"
#include "start.h"
#include "hook.h"
#include "build.h"
