// The methods that depend on a locale. A plugin has no `Intl`, so they know one locale, en-US, and one time zone, UTC. For
// anything else they throw, because a result in another format would go unnoticed.

const mostFractionDigits = 3;

/** Throws unless this asks for what a plugin has. */
function check(method, locales, options) {
  const asked = Array.isArray(locales) ? locales : [locales];
  const isKnown = asked.every((locale) => locale === undefined || locale === 'en-US' || locale === 'en');
  const isUtc =
    options === undefined ||
    (options !== null && Object.keys(options).every((key) => key === 'timeZone' && options[key] === 'UTC'));
  if (!isKnown || !isUtc) {
    throw new TypeError(`${method} knows only en-US, in UTC and without options, because a plugin has no Intl`);
  }
}

function grouped(digits) {
  let text = '';
  for (let end = digits.length; end > 0; end -= 3) {
    text = digits.slice(Math.max(0, end - 3), end) + (text === '' ? '' : `,${text}`);
  }
  return text;
}

/** The decimal digits of a number that is not negative, and where its point is among them. */
function decimal(number) {
  const [mantissa, exponent = '0'] = String(number).split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  return point <= 0
    ? { digits: '0'.repeat(1 - point) + digits, point: 1 }
    : { digits: digits.padEnd(point, '0'), point };
}

/** As ICU does: half is rounded up, of the shortest decimal number that stands for this one. */
function formatted(number) {
  if (Number.isNaN(number)) return 'NaN';
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  if (!Number.isFinite(number)) return `${sign}∞`;
  const { digits, point } = decimal(Math.abs(number));
  const kept = digits.slice(0, point + mostFractionDigits).padEnd(point + mostFractionDigits, '0');
  const isUp = digits.charCodeAt(point + mostFractionDigits) >= 53;
  const rounded = String(BigInt(kept) + (isUp ? 1n : 0n)).padStart(mostFractionDigits + 1, '0');
  const fraction = rounded.slice(-mostFractionDigits).replace(/0+$/, '');
  return sign + grouped(rounded.slice(0, -mostFractionDigits)) + (fraction === '' ? '' : `.${fraction}`);
}

/** Replaces a method by one with this body, which gets the original. */
function replace(prototype, name, length, body) {
  const original = prototype[name];
  const method = {
    [name](...values) {
      return body(this, values, original);
    },
  }[name];
  Object.defineProperty(method, 'length', { value: length });
  Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true, enumerable: false });
}

replace(Number.prototype, 'toLocaleString', 0, (number, [locales, options]) => {
  check('Number.prototype.toLocaleString', locales, options);
  return formatted(Number.prototype.valueOf.call(number));
});

replace(BigInt.prototype, 'toLocaleString', 0, (number, [locales, options]) => {
  check('BigInt.prototype.toLocaleString', locales, options);
  const value = BigInt.prototype.valueOf.call(number);
  return value < 0n ? `-${grouped(String(-value))}` : grouped(String(value));
});

const two = (number) => String(number).padStart(2, '0');

/** The date and the time of a moment, such as `12/31/2026` and `1:05:09 PM`. */
function partsOf(date) {
  const hours = date.getUTCHours();
  return {
    date: `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()}`,
    time: `${hours % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? 'AM' : 'PM'}`,
  };
}

const dateMethods = {
  toLocaleString: ({ date, time }) => `${date}, ${time}`,
  toLocaleDateString: ({ date }) => date,
  toLocaleTimeString: ({ time }) => time,
};

for (const [name, write] of Object.entries(dateMethods)) {
  replace(Date.prototype, name, 0, (date, [locales, options]) => {
    check(`Date.prototype.${name}`, locales, options);
    return Number.isNaN(Date.prototype.getTime.call(date)) ? 'Invalid Date' : write(partsOf(date));
  });
}

for (const name of ['toLocaleLowerCase', 'toLocaleUpperCase']) {
  replace(String.prototype, name, 0, (text, [locales], original) => {
    check(`String.prototype.${name}`, locales, undefined);
    return original.call(text);
  });
}

// The order of code points after normalization, and not the one of a language.
replace(String.prototype, 'localeCompare', 1, (text, [other, locales, options], original) => {
  check('String.prototype.localeCompare', locales, options);
  return original.call(text, other);
});
