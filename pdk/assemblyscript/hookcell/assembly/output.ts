/** UTF-8 that is written one piece after the other. With the stub runtime the last block grows in place. */
export class Output {
  ptr: usize;
  len: usize = 0;
  private room: usize;

  constructor(room: usize = 256) {
    this.room = room;
    this.ptr = heap.alloc(room);
  }

  byte(code: u32): void {
    this.reserve(1);
    store<u8>(this.ptr + this.len, code);
    this.len += 1;
  }

  bytes(ptr: usize, len: usize): void {
    this.reserve(len);
    memory.copy(this.ptr + this.len, ptr, len);
    this.len += len;
  }

  /** Text that is ASCII, as it is. */
  ascii(text: string): void {
    this.reserve(text.length);
    const end = this.ptr + this.len;
    for (let i = 0; i < text.length; i++) store<u8>(end + i, text.charCodeAt(i));
    this.len += text.length;
  }

  /** Text as a JSON string. Half a surrogate pair, which UTF-8 cannot hold, becomes an escape. */
  quoted(text: string): void {
    // A character takes at most 6 bytes, and two that are a pair take 4.
    this.reserve(<usize>text.length * 6 + 2);
    let to = this.ptr + this.len;
    store<u8>(to++, 0x22);
    const length = text.length;
    for (let i = 0; i < length; i++) {
      const code = <u32>text.charCodeAt(i);
      if (code == 0x22 || code == 0x5c) {
        store<u16>(to, 0x5c | (code << 8));
        to += 2;
      } else if (code < 0x20) {
        to = escaped(to, code);
      } else if (code < 0x80) {
        store<u8>(to++, code);
      } else if (code < 0x800) {
        store<u8>(to, 0xc0 | (code >> 6));
        store<u8>(to + 1, 0x80 | (code & 0x3f));
        to += 2;
      } else if (code < 0xd800 || code > 0xdfff) {
        store<u8>(to, 0xe0 | (code >> 12));
        store<u8>(to + 1, 0x80 | ((code >> 6) & 0x3f));
        store<u8>(to + 2, 0x80 | (code & 0x3f));
        to += 3;
      } else {
        const next = i + 1 < length ? <u32>text.charCodeAt(i + 1) : 0;
        if (code < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) {
          const point = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
          store<u8>(to, 0xf0 | (point >> 18));
          store<u8>(to + 1, 0x80 | ((point >> 12) & 0x3f));
          store<u8>(to + 2, 0x80 | ((point >> 6) & 0x3f));
          store<u8>(to + 3, 0x80 | (point & 0x3f));
          to += 4;
          i++;
        } else {
          to = escaped(to, code);
        }
      }
    }
    store<u8>(to++, 0x22);
    this.len = to - this.ptr;
  }

  private reserve(more: usize): void {
    const needed = this.len + more;
    if (needed > this.room) {
      this.room = max(needed, this.room * 2);
      this.ptr = heap.realloc(this.ptr, this.room);
    }
  }
}

/** Writes `\uXXXX`, and returns where it ends. */
function escaped(to: usize, code: u32): usize {
  store<u16>(to, 0x755c); // `\u`
  for (let i = 0; i < 4; i++) {
    const digit = (code >> (12 - 4 * i)) & 0xf;
    store<u8>(to + 2 + i, digit < 10 ? 0x30 + digit : 0x57 + digit);
  }
  return to + 6;
}
