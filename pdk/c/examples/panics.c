// Logs a line and panics: hookcell's tests show that the server then has the line, the message and the place.

#include "hookcell.h"

static hc_value field(const char *name, double number) {
  hc_out out = {0};
  hc_ascii(&out, "{");
  hc_quote(&out, name, hc_length(name));
  hc_ascii(&out, ":");
  hc_decimal(&out, (int64_t)number);
  hc_ascii(&out, "}");
  return (hc_value){out.ptr, out.len};
}

HC_HOOK(before_hook) {
  hc_value items = hc_get(ctx->input, "items");
  hc_log("info", "counting", field("items", items.ptr == NULL ? 0 : 1));
  hc_assert(items.ptr != NULL, "the input has items");
  double sum = 0, number;
  for (hc_value at = {0}; hc_item(items, &at).ptr != NULL;) {
    if (hc_number(at, &number)) sum += number;
  }
  hc_log("info", "counted", field("sum", sum));
  return hc_accept();
}
