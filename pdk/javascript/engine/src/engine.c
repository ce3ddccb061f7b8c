// The engine of JavaScript plugins: QuickJS-ng, patched by `patches.mjs`, and what is ours, in one translation unit.
//
// With QJS_DISABLE_PARSER it is the engine that plugins carry, without it the compiler.

#include "platform.h"

#include "quickjs.c"

#include "cutils.h"
#include "dtoa.c"
#include "libregexp.c"
#include "libunicode.c"

#include "json/reader.h"
#include "json/writer.h"

#include "thrown.h"

#include "world/log.h"
#include "world/clock.h"
#include "world/rejections.h"
#include "world/text.h"
#include "world/classes.h"
#include "world/scripts.h"
#include "world/world.h"

#include "freeze.h"
#include "hook.h"
#include "build.h"
