// What a hook answers, and the call of a hook.

static hc_value hc_quoted(hc_text text) {
  hc_out out = {0};
  hc_quote(&out, text.ptr, text.len);
  return (hc_value){out.ptr, out.len};
}

static hc_value hc_integer(int64_t number) {
  hc_out out = {0};
  hc_decimal(&out, number);
  return (hc_value){out.ptr, out.len};
}

static void hc_operation(const char *op, const char *path) {
  hc_ascii(&hc_operations, hc_operations.len == 0 ? "{\"op\":" : ",{\"op\":");
  hc_quote(&hc_operations, op, hc_length(op));
  hc_ascii(&hc_operations, ",\"path\":");
  hc_quote(&hc_operations, path, hc_length(path));
}

static void hc_set(const char *path, hc_value value) {
  hc_operation("add", path);
  hc_ascii(&hc_operations, ",\"value\":");
  hc_bytes(&hc_operations, value.ptr, value.len);
  hc_ascii(&hc_operations, "}");
}

static void hc_remove(const char *path) {
  hc_operation("remove", path);
  hc_ascii(&hc_operations, "}");
}

static hc_answer hc_accept(void) {
  if (hc_operations.len == 0) return (hc_answer){{0}};
  hc_out out = {0};
  hc_ascii(&out, "{\"ok\":true,\"patch\":[");
  hc_bytes(&out, hc_operations.ptr, hc_operations.len);
  hc_ascii(&out, "]}");
  return (hc_answer){{out.ptr, out.len}};
}

static hc_answer hc_rejection(const char *error, int status, hc_value detail) {
  hc_out out = {0};
  hc_ascii(&out, "{\"ok\":false,\"error\":");
  hc_quote(&out, error, hc_length(error));
  if (status != 0 || detail.ptr != NULL) hc_ascii(&out, ",\"details\":[");
  if (status != 0) {
    hc_ascii(&out, "{\"status\":");
    hc_decimal(&out, status);
    hc_ascii(&out, detail.ptr != NULL ? "}," : "}");
  }
  hc_bytes(&out, detail.ptr, detail.len);
  hc_ascii(&out, status != 0 || detail.ptr != NULL ? "]}" : "}");
  return (hc_answer){{out.ptr, out.len}};
}

static hc_answer hc_reject(const char *error) {
  return hc_rejection(error, 0, (hc_value){0});
}

static uint64_t hc_call(uint32_t ptr, uint32_t len, hc_answer (*hook)(const hc_context *)) {
  uint64_t memory = (uint64_t)__builtin_wasm_memory_size(0) * HC_PAGE;
  hc_assert(ptr != 0 && len != 0 && (uint64_t)ptr + len <= memory, "the context is not in memory");
  hc_value whole = {(const char *)(uintptr_t)ptr, len}, key = {0}, value = {0};
  hc_context ctx = {0};
  struct {
    const char *name;
    hc_value *value;
  } members[] = {
      {"input", &ctx.input},         {"data", &ctx.data},     {"user", &ctx.user}, {"headers", &ctx.headers},
      {"tenant_id", &ctx.tenant_id}, {"config", &ctx.config}, {"now", &ctx.now},   {"seed", &ctx.seed},
  };
  while (hc_member(whole, &key, &value)) {
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
      if (hc_is(key, members[i].name)) *members[i].value = value;
    }
  }
  hc_assert(ctx.input.ptr != NULL && *ctx.input.ptr == '{', "the context has no input");
  hc_text json = hook(&ctx).json;
  return (uint64_t)(uintptr_t)json.ptr << 32 | json.len;
}
