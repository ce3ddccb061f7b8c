// JSON text, read where it lies in memory. The host writes valid JSON; text that ends too early aborts.

/** The address of the first byte from `at` that is no white space. */
export function skipSpace(at: usize, end: usize): usize {
  while (at < end && isSpace(load<u8>(at))) at++;
  if (at >= end) throw new Error('the JSON text ends too early');
  return at;
}

/** The address behind the string that begins at `at`. */
export function skipString(at: usize, end: usize): usize {
  at++;
  while (at < end) {
    const code = load<u8>(at++);
    if (code == 0x22) return at;
    if (code == 0x5c) at++;
  }
  throw new Error('the JSON text ends too early');
}

/** The address behind the value that begins at `at`. */
export function skipValue(at: usize, end: usize): usize {
  const first = load<u8>(at);
  if (first == 0x22) return skipString(at, end);
  if (first != 0x7b && first != 0x5b) {
    while (at < end && !endsScalar(load<u8>(at))) at++;
    return at;
  }
  // A loop instead of a recursion: a client may send lists in lists, a hundred thousand deep.
  let depth = 0;
  while (at < end) {
    const code = load<u8>(at);
    if (code == 0x22) {
      at = skipString(at, end);
      continue;
    }
    at++;
    if (code == 0x7b || code == 0x5b) depth++;
    else if (code == 0x7d || code == 0x5d) {
      depth--;
      if (depth == 0) return at;
    }
  }
  throw new Error('the JSON text ends too early');
}

/** The characters of the `len` bytes inside a JSON string. */
export function unescaped(ptr: usize, len: usize): string {
  const end = ptr + len;
  let at = ptr;
  while (at < end && load<u8>(at) != 0x5c) at++;
  let text = String.UTF8.decodeUnsafe(ptr, at - ptr);
  while (at < end) {
    const code = load<u8>(at + 1);
    at += 2;
    if (code == 0x75) {
      text += String.fromCharCode(hex(at));
      at += 4;
    } else {
      text += String.fromCharCode(single(code));
    }
    const start = at;
    while (at < end && load<u8>(at) != 0x5c) at++;
    if (at > start) text += String.UTF8.decodeUnsafe(start, at - start);
  }
  return text;
}

function single(code: u32): i32 {
  if (code == 0x6e) return 0x0a;
  if (code == 0x74) return 0x09;
  if (code == 0x72) return 0x0d;
  if (code == 0x62) return 0x08;
  if (code == 0x66) return 0x0c;
  return code;
}

function hex(at: usize): i32 {
  let value = 0;
  for (let i: usize = 0; i < 4; i++) {
    const code: i32 = load<u8>(at + i);
    value = (value << 4) | (code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57);
  }
  return value;
}

function endsScalar(code: u32): bool {
  return code == 0x2c || code == 0x7d || code == 0x5d || isSpace(code);
}

function isSpace(code: u32): bool {
  return code == 0x20 || code == 0x0a || code == 0x0d || code == 0x09;
}
