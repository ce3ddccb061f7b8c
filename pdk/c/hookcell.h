// Hooks of hookcell plugins in C, without imports and without a C library. Include it in one file, and build with build.args.
//
//   #include "hookcell.h"
//
//   HC_HOOK(before_hook) {
//     if (hc_is(hc_get(ctx->input, "day"), "Sunday")) return hc_reject("closed on Sundays");
//     return hc_accept();
//   }
//
// JSON values stay text (hc_value). The host drops all memory after the call, so nothing is ever freed.

#ifndef HOOKCELL_H
#define HOOKCELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A text that need not end with a zero byte; `ptr` is NULL if there is none.
typedef struct {
  const char *ptr;
  size_t len;
} hc_text;

/// A JSON value as the text that it came in; `ptr` is NULL if there is none. Each function takes such a value.
typedef hc_text hc_value;

/// What a hook gets. Members that the server did not send are missing values.
typedef struct {
  hc_value input, data, user, headers, tenant_id, config, now, seed;
} hc_context;

/// What a hook returns: hc_accept(), hc_reject(…), hc_rejection(…).
typedef struct {
  hc_text json;
} hc_answer;

/// Text that grows. `hc_out out = {0};`
typedef struct {
  char *ptr;
  size_t len, room;
} hc_out;

// Reading ------------------------------------------------------------------------------------------------------------

static hc_value hc_get(hc_value object, const char *name);       // a member; the last one of that name
static bool hc_member(hc_value object, hc_value *name, hc_value *value); // the next member; both begin as {0}
static hc_value hc_item(hc_value list, hc_value *at);            // the next item of a list; `at` begins as {0}
static bool hc_is(hc_value value, const char *text);             // whether a value is this string
static bool hc_is_string(hc_value value);
static hc_text hc_string(hc_value value);                        // the characters of a string, as UTF-8
static bool hc_number(hc_value value, double *number);           // false if it is not a number
static inline bool hc_is_true(hc_value value);

// Answering ----------------------------------------------------------------------------------------------------------

static void hc_set(const char *path, hc_value value);            // changes or adds "/input/email", "/data/x"
static void hc_remove(const char *path);                         // removes a member that is there
static hc_answer hc_accept(void);                                // with what hc_set and hc_remove changed
static hc_answer hc_reject(const char *error);
static hc_answer hc_rejection(const char *error, int status, hc_value detail); // 0 and {0} if there are none
static hc_value hc_quoted(hc_text text);                         // a text as a JSON string
static hc_value hc_integer(int64_t number);

// Telling ------------------------------------------------------------------------------------------------------------

/// Writes a line of the log at a level: "debug", "info", "warn" or "error". `fields` is a JSON object, or {0}.
static void hc_log(const char *level, const char *message, hc_value fields);
/// Tells the server why the plugin cannot go on, and where, and traps.
#define hc_panic(message) hc_panic_at(message, __func__, __FILE__, __LINE__)
/// Panics unless a condition holds.
#define hc_assert(condition, message) ((condition) ? (void)0 : hc_panic(message))
_Noreturn static void hc_panic_at(const char *message, const char *function, const char *file, int line);

/// Defines and exports a hook. What follows is its body, in which `ctx` is a `const hc_context *`.
#define HC_HOOK(name)                                                                        \
  static hc_answer hc_on_##name(const hc_context *ctx);                                      \
  __attribute__((export_name(#name))) uint64_t name(uint32_t ptr, uint32_t len) {            \
    return hc_call(ptr, len, hc_on_##name);                                                  \
  }                                                                                          \
  static hc_answer hc_on_##name(__attribute__((unused)) const hc_context *ctx)

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-function"
#include "hookcell/base.h"
#include "hookcell/json.h"
#include "hookcell/answer.h"
#pragma clang diagnostic pop

#endif
