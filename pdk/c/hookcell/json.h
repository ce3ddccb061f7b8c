// JSON, read where it lies in memory. The host writes valid JSON; text that ends too early panics.

static bool hc_is_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static const char *hc_space(const char *at, const char *end) {
  while (at < end && hc_is_space(*at)) at++;
  hc_assert(at < end, "the JSON text ends too early");
  return at;
}

static const char *hc_after_string(const char *at, const char *end) {
  for (at++; at < end; at++) {
    if (*at == '"') return at + 1;
    if (*at == '\\') at++;
  }
  hc_panic("the JSON text ends too early");
}

static const char *hc_after(const char *at, const char *end) {
  if (*at == '"') return hc_after_string(at, end);
  if (*at != '{' && *at != '[') {
    while (at < end && *at != ',' && *at != '}' && *at != ']' && !hc_is_space(*at)) at++;
    return at;
  }
  // A loop instead of a recursion: a client may send lists in lists, a hundred thousand deep.
  size_t depth = 0;
  while (at < end) {
    char byte = *at;
    if (byte == '"') {
      at = hc_after_string(at, end);
      continue;
    }
    at++;
    if (byte == '{' || byte == '[') depth++;
    else if ((byte == '}' || byte == ']') && --depth == 0) return at;
  }
  hc_panic("the JSON text ends too early");
}

static uint32_t hc_hex(const char *at) {
  uint32_t number = 0;
  for (int i = 0; i < 4; i++) {
    uint32_t digit = (unsigned char)at[i];
    number = number << 4 | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
  }
  return number;
}

static void hc_character(hc_out *out, uint32_t code) {
  char bytes[4];
  size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = len; i-- > 1; code >>= 6) bytes[i] = (char)(0x80 | (code & 0x3f));
  bytes[0] = (char)(len == 1 ? code : (0xf00u >> len & 0xf0u) | code);
  hc_bytes(out, bytes, len);
}

/// What is between the quotes of a string, without escapes.
static hc_text hc_unescaped(const char *at, const char *end) {
  const char *escape = at;
  while (escape < end && *escape != '\\') escape++;
  if (escape == end) return (hc_text){at, (size_t)(end - at)};
  hc_out out = {0};
  for (; at < end; at++) {
    if (*at != '\\') {
      hc_bytes(&out, at, 1);
      continue;
    }
    at++;
    uint32_t code = (unsigned char)*at;
    if (code == 'u') {
      code = hc_hex(at + 1);
      at += 4;
      bool high = code >= 0xd800 && code < 0xdc00 && end - at > 6 && at[1] == '\\' && at[2] == 'u';
      uint32_t low = high ? hc_hex(at + 3) : 0;
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      } else if (code >= 0xd800 && code < 0xe000) {
        code = 0xfffd; // Half a surrogate pair, which UTF-8 cannot hold.
      }
    } else if (code == 'n') code = '\n';
    else if (code == 't') code = '\t';
    else if (code == 'r') code = '\r';
    else if (code == 'b') code = '\b';
    else if (code == 'f') code = '\f';
    hc_character(&out, code);
  }
  return (hc_text){out.ptr == NULL ? "" : out.ptr, out.len};
}

static bool hc_is_string(hc_value value) {
  return value.ptr != NULL && *value.ptr == '"';
}

static bool hc_is(hc_value value, const char *text) {
  if (!hc_is_string(value)) return false;
  const char *at = value.ptr + 1, *end = value.ptr + value.len - 1;
  for (; at < end && *at != '\\'; at++, text++) {
    if (*at != *text) return false;
  }
  hc_text rest = at < end ? hc_unescaped(at, end) : (hc_text){0};
  for (size_t i = 0; i < rest.len; i++, text++) {
    if (*text == 0 || *text != rest.ptr[i]) return false;
  }
  return *text == 0;
}

static bool hc_member(hc_value object, hc_value *name, hc_value *value) {
  if (object.ptr == NULL || *object.ptr != '{') return false;
  const char *end = object.ptr + object.len;
  const char *at = hc_space(value->ptr == NULL ? object.ptr + 1 : value->ptr + value->len, end);
  if (*at == ',') at = hc_space(at + 1, end);
  if (*at == '}') return false;
  const char *key = at;
  at = hc_after_string(at, end);
  *name = (hc_value){key, (size_t)(at - key)};
  at = hc_space(hc_space(at, end) + 1, end);
  *value = (hc_value){at, (size_t)(hc_after(at, end) - at)};
  return true;
}

static hc_value hc_get(hc_value object, const char *name) {
  hc_value found = {0}, key = {0}, value = {0};
  while (hc_member(object, &key, &value)) {
    if (hc_is(key, name)) found = value;
  }
  return found;
}

static hc_value hc_item(hc_value list, hc_value *at) {
  if (list.ptr == NULL || *list.ptr != '[') return *at = (hc_value){0};
  const char *end = list.ptr + list.len;
  const char *next = hc_space(at->ptr == NULL ? list.ptr + 1 : at->ptr + at->len, end);
  if (*next == ',') next = hc_space(next + 1, end);
  if (*next == ']') return *at = (hc_value){0};
  return *at = (hc_value){next, (size_t)(hc_after(next, end) - next)};
}

static inline bool hc_is_true(hc_value value) {
  return value.ptr != NULL && *value.ptr == 't';
}

static hc_text hc_string(hc_value value) {
  return hc_is_string(value) ? hc_unescaped(value.ptr + 1, value.ptr + value.len - 1) : (hc_text){0};
}

static bool hc_number(hc_value value, double *number) {
  if (value.ptr == NULL || (*value.ptr != '-' && (*value.ptr < '0' || *value.ptr > '9'))) return false;
  const char *at = value.ptr, *end = at + value.len;
  bool negative = *at == '-';
  if (negative) at++;
  double digits = 0;
  int scale = 0, exponent = 0;
  for (; at < end && *at >= '0' && *at <= '9'; at++) digits = digits * 10 + (*at - '0');
  if (at < end && *at == '.') {
    for (at++; at < end && *at >= '0' && *at <= '9'; at++, scale--) digits = digits * 10 + (*at - '0');
  }
  if (at < end && (*at | 0x20) == 'e') {
    at++;
    bool down = *at == '-';
    if (*at == '-' || *at == '+') at++;
    for (; at < end && *at >= '0' && *at <= '9'; at++) exponent = exponent < 1000 ? exponent * 10 + (*at - '0') : exponent;
    if (down) exponent = -exponent;
  }
  scale += exponent;
  double power = 1;
  for (int i = scale < 0 ? -scale : scale; i > 0 && power < 1e300 && i < 700; i--) power *= 10;
  digits = scale < 0 ? digits / power : digits * power;
  *number = negative ? -digits : digits;
  return true;
}
