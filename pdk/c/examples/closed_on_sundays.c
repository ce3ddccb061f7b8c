#include "hookcell.h"

HC_HOOK(before_hook) {
  if (hc_is(hc_get(ctx->input, "day"), "Sunday")) return hc_reject("closed on Sundays");
  return hc_accept();
}
