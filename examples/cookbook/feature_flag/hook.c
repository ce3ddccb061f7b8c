// Says which features are on for a user. The same user always gets the same ones, and a feature reaches more users step by step.

#include "hookcell.h"

/// `percent` of the users have a feature, and so has everyone with one of the `roles`.
static const struct {
  const char *name;
  uint32_t percent;
  const char *roles[2];
} features[] = {
    {"new_checkout", 25, {"beta", "staff"}},
    {"dark_mode", 100, {NULL}},
    {"search_by_image", 0, {"staff"}},
};

/// A hash that is the same in every language and version (FNV-1a, 32 bits, of the UTF-8).
static uint32_t fnv1a(uint32_t hash, const char *text, size_t len) {
  for (size_t i = 0; i < len; i++) hash = (hash ^ (unsigned char)text[i]) * 0x01000193u;
  return hash;
}

static bool is_on(size_t feature, hc_value user) {
  if (features[feature].percent == 100) return true;
  hc_value id = hc_get(user, "id"), role = hc_get(user, "role");
  if (!hc_is_string(id)) return false;
  for (size_t i = 0; i < 2 && features[feature].roles[i] != NULL; i++) {
    if (hc_is(role, features[feature].roles[i])) return true;
  }
  const char *name = features[feature].name;
  uint32_t hash = fnv1a(fnv1a(0x811c9dc5u, name, hc_length(name)), ":", 1);
  hc_text text = hc_string(id);
  return fnv1a(hash, text.ptr, text.len) % 100 < features[feature].percent;
}

HC_HOOK(before_hook) {
  hc_out on = {0};
  for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
    if (!is_on(i, ctx->user)) continue;
    hc_ascii(&on, on.len == 0 ? "[" : ",");
    hc_quote(&on, features[i].name, hc_length(features[i].name));
  }
  hc_ascii(&on, on.len == 0 ? "[]" : "]");
  // A client cannot turn on a feature: whatever it sent as `features` is replaced.
  hc_set("/input/features", (hc_value){on.ptr, on.len});
  return hc_accept();
}
