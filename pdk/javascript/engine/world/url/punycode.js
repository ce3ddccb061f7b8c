// Punycode, RFC 3492.

const base = 36;
const least = 1;
const most = 26;
const skew = 38;
const damp = 700;
const firstBias = 72;
const firstPoint = 128;
const digits = 'abcdefghijklmnopqrstuvwxyz0123456789';

function adapt(delta, points, isFirst) {
  let rest = isFirst ? Math.floor(delta / damp) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((base - least) * most) >> 1; k += base) rest = Math.floor(rest / (base - least));
  return k + Math.floor(((base - least + 1) * rest) / (rest + skew));
}

const threshold = (k, bias) => (k <= bias ? least : k >= bias + most ? most : k - bias);

/** The label without its `xn--`. */
function encode(label) {
  const points = Array.from(label, (character) => character.codePointAt(0));
  let text = String.fromCharCode(...points.filter((point) => point < firstPoint));
  const basic = text.length;
  let done = basic;
  if (basic > 0) text += '-';
  let n = firstPoint;
  let delta = 0;
  let bias = firstBias;
  while (done < points.length) {
    const next = points.reduce((lowest, point) => (point >= n && point < lowest ? point : lowest), Infinity);
    delta += (next - n) * (done + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta += 1;
      if (point !== n) continue;
      let q = delta;
      for (let k = base; ; k += base) {
        const t = threshold(k, bias);
        if (q < t) break;
        text += digits[t + ((q - t) % (base - t))];
        q = Math.floor((q - t) / (base - t));
      }
      text += digits[q];
      bias = adapt(delta, done + 1, done === basic);
      delta = 0;
      done += 1;
    }
    delta += 1;
    n += 1;
  }
  return text;
}

/** The label of which this is the punycode; undefined if it is none. */
function decode(text) {
  const end = text.lastIndexOf('-');
  const points = Array.from(end > 0 ? text.slice(0, end) : '', (character) => character.codePointAt(0));
  let n = firstPoint;
  let i = 0;
  let bias = firstBias;
  for (let at = end > 0 ? end + 1 : 0; at < text.length;) {
    const before = i;
    let weight = 1;
    for (let k = base; ; k += base) {
      const digit = digits.indexOf(text[at]);
      at += 1;
      if (at > text.length || digit < 0) return undefined;
      i += digit * weight;
      const t = threshold(k, bias);
      if (digit < t) break;
      weight *= base - t;
    }
    const count = points.length + 1;
    bias = adapt(i - before, count, before === 0);
    n += Math.floor(i / count);
    i %= count;
    if (n > 0x10ffff) return undefined;
    points.splice(i, 0, n);
    i += 1;
  }
  return String.fromCodePoint(...points);
}

engine.punycode = { encode, decode };
