// Memory, text that grows, the log and panics.

#define HC_PAGE 65536u
/// The most bytes of log lines. The rest is dropped, except the last line of a plugin that panics.
#define HC_MAX_LOG (64u * 1024u)

/// The linker's name for the first byte after the static data.
extern unsigned char __heap_base;

/// The address and the length of the log, whose addresses the linker exports.
__attribute__((used, visibility("default"))) char *log_ptr = NULL;
__attribute__((used, visibility("default"))) size_t log_len = 0;

static hc_out hc_lines;
static hc_out hc_operations;
static uintptr_t hc_top;

static size_t hc_length(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

/// Grows memory so that it has `end`; it doubles, so that a long answer grows it only a few times.
static bool hc_extend(uint64_t end) {
  size_t present = __builtin_wasm_memory_size(0);
  uint64_t needed = (end + HC_PAGE - 1) / HC_PAGE;
  if (needed > 65536) return false;
  if (needed > present) {
    size_t missing = (size_t)needed - present;
    size_t more = missing > present ? missing : present;
    if (__builtin_wasm_memory_grow(0, more) == (size_t)-1 && __builtin_wasm_memory_grow(0, missing) == (size_t)-1) return false;
  }
  hc_top = (uintptr_t)end;
  return true;
}

/// The address of `size` bytes; 0 if there is no memory.
__attribute__((export_name("alloc"))) uint32_t alloc(uint32_t size) {
  uintptr_t start = ((hc_top == 0 ? (uintptr_t)&__heap_base : hc_top) + 7) & ~(uintptr_t)7;
  return hc_extend((uint64_t)start + size) ? (uint32_t)start : 0;
}

__attribute__((export_name("dealloc"))) void dealloc(__attribute__((unused)) uint32_t ptr, __attribute__((unused)) uint32_t size) {}

static void hc_reserve(hc_out *out, size_t more) {
  uint64_t needed = (uint64_t)out->len + more;
  if (needed <= out->room) return;
  uint64_t room = needed > 2u * (uint64_t)out->room ? needed : 2u * (uint64_t)out->room;
  if (room < 128) room = 128;
  // The last block grows in place.
  bool last = out->room > 0 && (uintptr_t)out->ptr + out->room == hc_top;
  if (last && hc_extend((uintptr_t)out->ptr + room)) {
    out->room = (size_t)room;
    return;
  }
  uint32_t moved = room > UINT32_MAX ? 0 : alloc((uint32_t)room);
  if (moved == 0) __builtin_trap();
  if (out->len > 0) __builtin_memcpy((char *)(uintptr_t)moved, out->ptr, out->len);
  out->ptr = (char *)(uintptr_t)moved;
  out->room = (size_t)room;
}

static void hc_bytes(hc_out *out, const char *ptr, size_t len) {
  hc_reserve(out, len);
  if (len > 0) __builtin_memcpy(out->ptr + out->len, ptr, len);
  out->len += len;
}

static void hc_ascii(hc_out *out, const char *text) {
  hc_bytes(out, text, hc_length(text));
}

static void hc_quote(hc_out *out, const char *ptr, size_t len) {
  hc_ascii(out, "\"");
  for (size_t i = 0; i < len; i++) {
    unsigned char byte = (unsigned char)ptr[i];
    if (byte == '"' || byte == '\\') {
      char pair[2] = {'\\', (char)byte};
      hc_bytes(out, pair, 2);
    } else if (byte < 0x20) {
      char escape[6] = {'\\', 'u', '0', '0', (char)('0' + (byte >> 4)), "0123456789abcdef"[byte & 15]};
      hc_bytes(out, escape, 6);
    } else {
      hc_bytes(out, ptr + i, 1);
    }
  }
  hc_ascii(out, "\"");
}

static void hc_decimal(hc_out *out, int64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
  do digits[--at] = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (number < 0) digits[--at] = '-';
  hc_bytes(out, digits + at, sizeof digits - at);
}

_Noreturn static void hc_panic_at(const char *message, const char *function, const char *file, int line) {
  hc_ascii(&hc_lines, "{\"thrown\":{\"name\":\"panic\",\"message\":");
  hc_quote(&hc_lines, message, hc_length(message));
  hc_ascii(&hc_lines, ",\"backtrace\":[{\"function\":");
  hc_quote(&hc_lines, function, hc_length(function));
  hc_ascii(&hc_lines, ",\"file\":");
  hc_quote(&hc_lines, file, hc_length(file));
  hc_ascii(&hc_lines, ",\"line\":");
  hc_decimal(&hc_lines, line);
  hc_ascii(&hc_lines, "}]}}\n");
  log_ptr = hc_lines.ptr;
  log_len = hc_lines.len;
  __builtin_trap();
}

static void hc_log(const char *level, const char *message, hc_value fields) {
  hc_out line = {0};
  hc_ascii(&line, "{\"level\":");
  hc_quote(&line, level, hc_length(level));
  hc_ascii(&line, ",\"message\":");
  hc_quote(&line, message, hc_length(message));
  if (fields.ptr != NULL) {
    hc_ascii(&line, ",\"fields\":");
    hc_bytes(&line, fields.ptr, fields.len);
  }
  hc_ascii(&line, "}\n");
  if (hc_lines.len + line.len > HC_MAX_LOG) return;
  hc_bytes(&hc_lines, line.ptr, line.len);
  log_ptr = hc_lines.ptr;
  log_len = hc_lines.len;
}
