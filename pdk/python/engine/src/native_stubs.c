// For the CPython that compiles the standard library: what the patches name.

#include <string.h>

int hc_is_in_hook(void) {
    return 1;
}

int hc_refuses_random(void) {
    return 0;
}

int hc_refuses_clock(void) {
    return 0;
}

int hc_refuses_sleep(void) {
    return 0;
}

int hc_refuses_wait(void) {
    return 0;
}

const char *hc_error_text(int number) {
    return strerror(number);
}
