// The host of a URL: an IPv6 address, an IPv4 address, a domain, or something opaque.

const { domainToAscii, percent } = engine;

const forbidden = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const forbiddenInName = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;
const number = /^(?:0x[0-9a-f]*|[0-9]+)$/;

/** The value of a part of an IPv4 address; NaN if it is none. */
function valueOf(part) {
  if (/^0x[0-9a-f]*$/.test(part)) return part === '0x' ? 0 : Number(part);
  if (/^0[0-7]*$/.test(part)) return parseInt(part, 8);
  return /^[0-9]+$/.test(part) && part[0] !== '0' ? Number(part) : NaN;
}

/** Whether the name must be an IPv4 address. */
function endsInNumber(name) {
  const parts = name.split('.');
  if (parts.at(-1) === '') {
    if (parts.length === 1) return false;
    parts.pop();
  }
  return number.test(parts.at(-1));
}

/** The four parts of an IPv4 address; undefined if it is none. */
function parseIpv4(name) {
  const parts = name.split('.');
  if (parts.at(-1) === '' && parts.length > 1) parts.pop();
  if (parts.length > 4) return undefined;
  const values = parts.map(valueOf);
  const last = values.pop();
  if (!(last < 256 ** (4 - values.length)) || !values.every((value) => value < 256)) return undefined;
  const address = values.reduce((sum, value, i) => sum + value * 256 ** (3 - i), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** The pieces of a part of an IPv6 address; undefined if there is a wrong one. */
function piecesOf(text, mayEndInIpv4) {
  if (text === '') return [];
  const parts = text.split(':');
  const tail = [];
  if (mayEndInIpv4 && parts.at(-1).includes('.')) {
    const four = parts.pop().split('.');
    if (four.length !== 4 || !four.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256))
      return undefined;
    tail.push(four[0] * 256 + +four[1], four[2] * 256 + +four[3]);
  }
  return parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))
    ? [...parts.map((part) => parseInt(part, 16)), ...tail]
    : undefined;
}

/** An IPv6 address in its shortest form; undefined if it is none. */
function parseIpv6(text) {
  const gap = text.indexOf('::');
  const head = piecesOf(gap < 0 ? text : text.slice(0, gap), gap < 0);
  const tail = gap < 0 ? [] : piecesOf(text.slice(gap + 2), true);
  if (head === undefined || tail === undefined) return undefined;
  const count = head.length + tail.length;
  if (gap < 0 ? count !== 8 : count > 7) return undefined;
  return serialize([...head, ...new Array(8 - count).fill(0), ...tail]);
}

/** The longest run of zeros, if it has at least two, is left out. */
function serialize(pieces) {
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && pieces[end] === 0) end += 1;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
    i = Math.max(i, end - 1);
  }
  const hex = (from, to) =>
    pieces
      .slice(from, to)
      .map((piece) => piece.toString(16))
      .join(':');
  return start < 0 ? hex(0, 8) : `${hex(0, start)}::${hex(start + length, 8)}`;
}

/** The host as a URL has it; undefined if it is none. `isSpecial`: is it of a scheme such as https? */
engine.parseHost = (text, isSpecial) => {
  if (text[0] === '[') {
    const address = text.at(-1) === ']' ? parseIpv6(text.slice(1, -1)) : undefined;
    return address === undefined ? undefined : `[${address}]`;
  }
  if (!isSpecial) return forbidden.test(text) ? undefined : percent.encode(text, percent.sets.control);
  const name = domainToAscii(percent.decode(text));
  if (name === undefined || name === '' || forbiddenInName.test(name)) return undefined;
  return endsInNumber(name) ? parseIpv4(name) : name;
};
