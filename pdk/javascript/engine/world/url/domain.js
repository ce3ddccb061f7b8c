// Names of hosts in ASCII, as UTS 46 maps them without transition. It maps by Unicode normalization and lower case, because a
// plugin does not carry the tables of UTS 46; they differ for few characters.

const { punycode } = engine;

const ascii = /^[\0-\x7f]*$/;
const dots = /[\u3002\uff0e\uff61]/g;
const ignored = /[\u00ad\u034f\u180b-\u180f\u200b\u2060\u2064\ufe00-\ufe0f\ufeff]/g;
// Without letters, marks, numbers, symbols and punctuation; U+200C and U+200D join.
const disallowed = /[[\p{C}\p{Z}]--[\u200c\u200d]]|[\u2ff0-\u2fff\ufffc\ufffd]/v;
const mark = /^\p{M}/u;
const joiner = /[\u200c\u200d]/;
const afterVirama =
  /(?:[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u0e3a\u0f84\u1039\u103a\u1714\u1734\u17d2\u1a60\u1b44\u1baa\ua806\ua8c4\ua953\ua9c0\uaaf6\uabed])[\u200c\u200d]/g;

/** Lower case of each character alone: the last sigma of a word is not special. */
function mapped(text) {
  const plain = text.replace(dots, '.').replace(ignored, '').replaceAll('ẞ', 'ß').normalize('NFKC');
  let lower = '';
  for (const character of plain) lower += character.toLowerCase();
  return lower.normalize('NFKC').replace(ignored, '');
}

function isValid(label) {
  return (
    label === label.normalize('NFC') &&
    !disallowed.test(label) &&
    !mark.test(label) &&
    !joiner.test(label.replace(afterVirama, ''))
  );
}

/** The label in ASCII; undefined if it is not valid. */
function labelToAscii(label) {
  if (label.startsWith('xn--')) {
    const decoded = ascii.test(label) ? punycode.decode(label.slice(4)) : undefined;
    const isCanonical =
      decoded !== undefined && !ascii.test(decoded) && decoded === mapped(decoded) && isValid(decoded);
    return isCanonical && punycode.encode(decoded) === label.slice(4) ? label : undefined;
  }
  if (ascii.test(label)) return label;
  return isValid(label) ? `xn--${punycode.encode(label)}` : undefined;
}

/** The name in ASCII; undefined if it is none. */
engine.domainToAscii = (name) => {
  const isAscii = ascii.test(name);
  const text = isAscii ? name.toLowerCase() : mapped(name);
  if (isAscii && !text.includes('xn--')) return text;
  const labels = text.split('.').map(labelToAscii);
  return labels.includes(undefined) ? undefined : labels.join('.');
};
