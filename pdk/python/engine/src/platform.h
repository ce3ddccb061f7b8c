// What the engine has of an operating system: the time and the random bytes that a context grants.

/// What a refused request was for, for the message of its OSError.
static const char *hc_refused;

/// The last millisecond since 1970 that CPython's clock can tell, in 2262.
#define HC_LAST_TIME 9223372036854.0

static struct {
    bool is_in_hook;
    bool has_clock, has_seed;
    bool is_out_of_range; // the granted time, for a clock
    uint64_t now; // nanoseconds since 1970
    uint64_t random_state;
} hc_grants;

/// At build the time is 1970. In a hook it is the context's `now`.
static int32_t hc_clock(uint64_t *to) {
    if (hc_grants.is_in_hook && !hc_grants.has_clock) {
        hc_refused = "a hook has no clock: the time is there if the context grants it as \"now\"";
        return ENOTCAPABLE;
    }
    if (hc_grants.is_out_of_range) {
        hc_refused = "a hook's clock tells times from 1970 to 2262: another one is only in the context, as \"now\"";
        return ENOTCAPABLE;
    }
    *to = hc_grants.now;
    return 0;
}

static uint64_t hc_next_random(void) {
    // SplitMix64.
    uint64_t z = hc_grants.random_state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/// At build the bytes are always the same. In a hook they follow from the context's `seed`, and are no secret.
static int32_t hc_random(uint8_t *to, uint32_t length) {
    if (hc_grants.is_in_hook && !hc_grants.has_seed) {
        hc_refused = "a hook has no randomness: it is there if the context grants it as \"seed\"";
        return ENOTCAPABLE;
    }
    for (uint32_t i = 0; i < length; i++)
        to[i] = (uint8_t)(hc_next_random() >> 32);
    return 0;
}

int hc_is_in_hook(void) {
    return hc_grants.is_in_hook;
}

/// Raises an OSError for this result of a request, unless that is 0, and is true then.
static bool hc_raises(int32_t result) {
    if (result != 0) {
        errno = result;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return result != 0;
}

/// Raises an OSError and is true in a hook without a seed. For `random`, which `patches.mjs` makes ask.
int hc_refuses_random(void) {
    uint8_t byte;
    return hc_raises(hc_random(&byte, 1));
}

/// The same in a hook without a clock, for `time`.
int hc_refuses_clock(void) {
    uint64_t now;
    return hc_raises(hc_clock(&now));
}

/// Raises an OSError. For `time.sleep`, which `patches.mjs` makes ask.
int hc_refuses_sleep(void) {
    hc_refused = "a plugin cannot sleep";
    return hc_raises(ENOTCAPABLE);
}

/// Raises an error in a wait that nothing would end. For locks and queues, which `patches.mjs` makes ask.
int hc_refuses_wait(void) {
    PyErr_SetString(PyExc_RuntimeError, "a plugin has one thread: nothing would end this wait");
    return 1;
}

/// The text of an error number. `patches.mjs` makes CPython ask here.
const char *hc_error_text(int number) {
    return number == ENOTCAPABLE && hc_refused ? hc_refused : strerror(number);
}

// Zig's libc looks for the end of a text first, so that the compiler, which looks for the end of each line, would take a time that
// grows with the square of the lines.

char *strchr(const char *text, int wanted) {
    for (char c = (char)wanted;; text++) {
        if (*text == c)
            return (char *)text;
        if (*text == 0)
            return NULL;
    }
}

// What CPython names and libc does not have.

int setgroups(size_t count, const unsigned *groups) {
    errno = ENOSYS;
    return -1;
}

int timerfd_create(int clock, int flags) {
    errno = ENOSYS;
    return -1;
}

int timerfd_settime(int timer, int flags, const void *to, void *before) {
    errno = ENOSYS;
    return -1;
}

int timerfd_gettime(int timer, void *to) {
    errno = ENOSYS;
    return -1;
}

PyStatus _PyFaulthandler_Init(int enable) {
    return PyStatus_Ok();
}

void _PyFaulthandler_Fini(void) {}

char *gettext(const char *text) {
    return (char *)text;
}

char *dgettext(const char *domain, const char *text) {
    return (char *)text;
}

char *dcgettext(const char *domain, const char *text, int category) {
    return (char *)text;
}

char *textdomain(const char *domain) {
    return (char *)domain;
}

char *bindtextdomain(const char *domain, const char *folder) {
    return (char *)folder;
}
