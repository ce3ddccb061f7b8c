// What the engine has of an operating system: nothing. The headers come first, so that the names below replace only what
// QuickJS itself writes.

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

/// A plugin stops at once if the engine meets a state that it cannot continue from.
#define abort() __builtin_trap()

#define printf(...) ((void)0)
#define fprintf(...) ((void)0)
#define putchar(character) ((void)(character))
#define fputs(text, file) ((void)0)
#define fwrite(from, size, count, file) ((size_t)0)

/// There is no clock: at build time it is always the same moment, and in a hook the time comes from `world/clock.h`.
static int hc_no_clock(struct timespec *now) {
    now->tv_sec = 0;
    now->tv_nsec = 0;
    return 0;
}
#define clock_gettime(clock, now) hc_no_clock(now)

static int hc_no_time_of_day(struct timeval *now) {
    now->tv_sec = 0;
    now->tv_usec = 0;
    return 0;
}
#define gettimeofday(now, zone) hc_no_time_of_day(now)
