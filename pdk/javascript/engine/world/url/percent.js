// Percent encoding, with the sets of the URL standard.

const { encode, decode } = engine;

const hex = Array.from({ length: 256 }, (_, byte) => `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`);
const utf8 = 0;
const percentSign = 0x25;

/** What a set encodes, for `replace`. */
const sets = {
  control: /[\0-\x1f\x7f-\u{10ffff}]/gu,
  fragment: /[\0-\x20"<>`\x7f-\u{10ffff}]/gu,
  query: /[\0-\x20"#<>\x7f-\u{10ffff}]/gu,
  specialQuery: /[\0-\x20"#'<>\x7f-\u{10ffff}]/gu,
  path: /[\0-\x20"#<>?^`{}\x7f-\u{10ffff}]/gu,
  userinfo: /[\0-\x20"#/:;<=>?@[\\\]^`{|}\x7f-\u{10ffff}]/gu,
  form: /[^a-zA-Z0-9*\-._]/gu,
};

function encoded(character) {
  const code = character.charCodeAt(0);
  if (code < 0x80) return hex[code];
  let text = '';
  for (const byte of encode(character)) text += hex[byte];
  return text;
}

const digits = /^[0-9a-fA-F]{2}$/;

/** The value of the two digits behind a percent sign; NaN if there are none. */
function escapedByte(bytes, at) {
  const pair = String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0);
  return digits.test(pair) ? parseInt(pair, 16) : NaN;
}

/** The bytes of the text with its percent escapes decoded. */
function bytesOf(text) {
  const bytes = encode(text);
  let to = 0;
  for (let from = 0; from < bytes.length; from++, to++) {
    const value = bytes[from] === percentSign ? escapedByte(bytes, from) : NaN;
    bytes[to] = bytes[from];
    if (!Number.isNaN(value)) {
      bytes[to] = value;
      from += 2;
    }
  }
  return bytes.subarray(0, to);
}

engine.percent = {
  sets,
  encode: (text, set) => text.replace(set, encoded),
  decode: (text) => (text.includes('%') ? decode(bytesOf(text), utf8, false) : text.toWellFormed()),
};
