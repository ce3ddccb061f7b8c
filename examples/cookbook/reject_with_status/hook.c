// Says no with the HTTP status that fits, so that a client knows what to do about it.

#include "hookcell.h"

#define MOST 100

static hc_value object_of(const char *name, hc_value value) {
  hc_out out = {0};
  hc_ascii(&out, "{");
  hc_quote(&out, name, hc_length(name));
  hc_ascii(&out, ":");
  hc_bytes(&out, value.ptr, value.len);
  hc_ascii(&out, "}");
  return (hc_value){out.ptr, out.len};
}

static hc_value quoted(const char *text) {
  return hc_quoted((hc_text){text, hc_length(text)});
}

static bool is_same(hc_text one, hc_text other) {
  if (one.len != other.len) return false;
  for (size_t i = 0; i < one.len; i++) {
    if (one.ptr[i] != other.ptr[i]) return false;
  }
  return true;
}

HC_HOOK(before_hook) {
  if (ctx->user.ptr == NULL || *ctx->user.ptr != '{') return hc_rejection("sign in first", 401, (hc_value){0});
  if (hc_is(hc_get(ctx->user, "role"), "viewer")) {
    return hc_rejection("viewers may not order", 403, object_of("role", quoted("viewer")));
  }
  hc_value items = hc_get(ctx->input, "items");
  // Without a status, an adapter responds 422.
  if (items.ptr == NULL || *items.ptr != '[') return hc_rejection("items must be a list", 0, object_of("field", quoted("items")));
  size_t count = 0;
  for (hc_value at = {0}; hc_item(items, &at).ptr != NULL;) count++;
  if (count > MOST) return hc_rejection("too many items", 413, object_of("most", hc_integer(MOST)));
  hc_text seen[MOST];
  size_t skus = 0;
  for (hc_value at = {0}; hc_item(items, &at).ptr != NULL;) {
    hc_value sku = hc_get(at, "sku");
    if (!hc_is_string(sku)) continue;
    hc_text text = hc_string(sku);
    for (size_t i = 0; i < skus; i++) {
      if (is_same(seen[i], text)) return hc_rejection("an item is there twice", 409, object_of("sku", hc_quoted(text)));
    }
    seen[skus++] = text;
  }
  return hc_accept();
}
