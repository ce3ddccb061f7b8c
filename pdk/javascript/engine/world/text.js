// `TextEncoder` and `TextDecoder`, for UTF-8, UTF-16 and windows-1252, which is what the web calls Latin-1.

const { encode, decode } = engine;

const encodings = ['utf-8', 'utf-16le', 'windows-1252'];
const labels = {
  __proto__: null,
  'utf-8': 0,
  utf8: 0,
  'unicode-1-1-utf-8': 0,
  unicode11utf8: 0,
  unicode20utf8: 0,
  'x-unicode20utf8': 0,
  'utf-16le': 1,
  'utf-16': 1,
  'ucs-2': 1,
  unicode: 1,
  'iso-10646-ucs-2': 1,
  csunicode: 1,
  unicodefeff: 1,
  'windows-1252': 2,
  latin1: 2,
  'iso-8859-1': 2,
  iso88591: 2,
  'iso8859-1': 2,
  'us-ascii': 2,
  ascii: 2,
  l1: 2,
  cp1252: 2,
  'x-cp1252': 2,
};
const byteOrderMark = 0xfeff;

class TextEncoder {
  get encoding() {
    return 'utf-8';
  }

  encode(text = '') {
    return encode(String(text));
  }

  encodeInto(source, destination) {
    if (!(destination instanceof Uint8Array)) throw new TypeError('encodeInto writes to a Uint8Array');
    const text = String(source);
    const bytes = encode(text);
    if (bytes.length <= destination.length) {
      destination.set(bytes);
      return { read: text.length, written: bytes.length };
    }
    let read = 0;
    let written = 0;
    for (const character of text) {
      const first = bytes[written];
      const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
      if (written + length > destination.length) break;
      written += length;
      read += character.length;
    }
    destination.set(bytes.subarray(0, written));
    return { read, written };
  }
}

/** How many bytes at the end are the beginning of a character. */
function unfinished(bytes, encoding) {
  const { length } = bytes;
  if (encoding === 1) {
    const odd = length % 2;
    const isHalf = length - odd >= 2 && (bytes[length - odd - 1] & 0xfc) === 0xd8;
    return isHalf ? odd + 2 : odd;
  }
  if (encoding === 2) return 0;
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    if (needed <= back || byte > 0xf4) return 0;
    // The second byte may show already that it is no character.
    const second = bytes[length - back + 1];
    const isWrong =
      back > 1 &&
      ((byte === 0xe0 && second < 0xa0) ||
        (byte === 0xed && second > 0x9f) ||
        (byte === 0xf0 && second < 0x90) ||
        (byte === 0xf4 && second > 0x8f));
    return isWrong ? 0 : back;
  }
  return 0;
}

function bytesOf(input) {
  if (input === undefined) return new Uint8Array(0);
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  throw new TypeError('a TextDecoder decodes an ArrayBuffer or a view of one');
}

class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  #pending = new Uint8Array(0);
  #isBegun = false;

  constructor(label = 'utf-8', options = {}) {
    const encoding = labels[String(label).trim().toLowerCase()];
    if (encoding === undefined) {
      throw new RangeError(`a plugin's TextDecoder knows ${encodings.join(', ')}, not ${label}`);
    }
    this.#encoding = encoding;
    this.#fatal = Boolean(options?.fatal);
    this.#ignoreBOM = Boolean(options?.ignoreBOM);
  }

  get encoding() {
    return encodings[this.#encoding];
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  decode(input, options) {
    const stream = Boolean(options?.stream);
    let bytes = bytesOf(input);
    if (this.#pending.length > 0) {
      const joined = new Uint8Array(this.#pending.length + bytes.length);
      joined.set(this.#pending);
      joined.set(bytes, this.#pending.length);
      bytes = joined;
    }
    const rest = stream ? unfinished(bytes, this.#encoding) : 0;
    this.#pending = bytes.slice(bytes.length - rest);
    let text = decode(rest > 0 ? bytes.subarray(0, bytes.length - rest) : bytes, this.#encoding, this.#fatal);
    if (text === undefined) {
      this.#pending = new Uint8Array(0);
      this.#isBegun = false;
      throw new TypeError(`the bytes are not ${this.encoding}`);
    }
    if (text.length > 0 && !this.#isBegun) {
      if (!this.#ignoreBOM && this.#encoding !== 2 && text.charCodeAt(0) === byteOrderMark) text = text.slice(1);
      this.#isBegun = true;
    }
    if (!stream) this.#isBegun = false;
    return text;
  }
}

engine.describe(TextEncoder);
engine.describe(TextDecoder);
engine.define({ TextEncoder, TextDecoder });
