// `console`: each call writes a line of the plugin's log. Nothing here looks up what a plugin can have replaced.

const { log } = engine;
const { parse, stringify } = JSON;
const { getPrototypeOf } = Object;
const { isArray } = Array;
const { isError } = Error;
const { floor } = Math;
const objects = Object.prototype;
const tagOf = Function.prototype.call.bind(objects.toString);
const text = String;
const indexOf = Function.prototype.call.bind(String.prototype.indexOf);
const slice = Function.prototype.call.bind(String.prototype.slice);

const indentation = '  ';
const mostGroups = 20;

let groups = 0;
const counts = { __proto__: null };

/** A plain object is not text, but the fields of a line. */
function isPlain(value) {
  try {
    if (typeof value !== 'object' || value === null || isArray(value)) return false;
    const prototype = getPrototypeOf(value);
    return prototype === objects || prototype === null;
  } catch {
    return false;
  }
}

/** A value as JSON, with text for what JSON cannot hold: big integers, and objects that contain themselves. */
function asJson(value) {
  try {
    return stringify(value);
  } catch {
    const open = { __proto__: null };
    let depth = 0;
    return stringify(value, function (key, item) {
      if (typeof item === 'bigint') return item + 'n';
      if (typeof item !== 'object' || item === null) return item;
      while (depth > 0 && open[depth - 1] !== this) depth -= 1;
      for (let i = 0; i < depth; i++) if (open[i] === item) return '[it contains itself]';
      open[depth] = item;
      depth += 1;
      return item;
    });
  }
}

/** A value as a line shows it. It never throws: a log must not be why a hook fails. */
function shown(value) {
  try {
    switch (typeof value) {
      case 'string':
        return value;
      case 'bigint':
        return value + 'n';
      case 'function':
        return '[Function: ' + value.name + ']';
      case 'object': {
        if (value === null) return 'null';
        if (isError(value)) return value.name + ': ' + value.message;
        return asJson(value) ?? tagOf(value);
      }
      default:
        return text(value);
    }
  } catch {
    return '[a value that cannot be written]';
  }
}

function asNumber(value) {
  return typeof value === 'symbol' || typeof value === 'object' ? NaN : +value;
}

/** What a conversion of a format writes; undefined if it is none. */
function converted(conversion, value) {
  switch (conversion) {
    case 's':
      return shown(value);
    case 'd':
    case 'f':
      return typeof value === 'bigint' ? value + 'n' : text(asNumber(value));
    case 'i': {
      if (typeof value === 'bigint') return value + 'n';
      const number = asNumber(value);
      return text(number < 0 ? -floor(-number) : floor(number));
    }
    case 'j':
    case 'o':
    case 'O':
      return shown(value);
    case 'c':
      return '';
    default:
      return undefined;
  }
}

/** What a format writes with the values behind it, and which of them is the next. */
function formatted(values, from, to) {
  const format = values[from];
  let message = '';
  let next = from + 1;
  let begin = 0;
  for (let at = indexOf(format, '%'); at >= 0 && at + 1 < format.length; at = indexOf(format, '%', at)) {
    const written = format[at + 1] === '%' ? '%' : next < to ? converted(format[at + 1], values[next]) : undefined;
    if (written === undefined) {
      at += 1;
      continue;
    }
    if (format[at + 1] !== '%') next += 1;
    message += slice(format, begin, at) + written;
    at += 2;
    begin = at;
  }
  return { message: message + slice(format, begin), next };
}

/** The message of these values; the first one may be a format, if there are more. */
function messageOf(values, from, to) {
  const isFormat = to > from + 1 && typeof values[from] === 'string';
  let { message, next } = isFormat ? formatted(values, from, to) : { message: '', next: from };
  for (; next < to; next++) {
    message += (next === from ? '' : ' ') + shown(values[next]);
  }
  return message;
}

/** Writes a line. If a message is followed by one plain object, or a plain object is all there is, the object is its fields. */
function write(level, values, from = 0, lead = '') {
  const last = values.length - 1;
  const fields = last >= from && isPlain(values[last]) ? values[last] : undefined;
  let message = lead;
  for (let i = 0; i < groups; i++) message = indentation + message;
  message += messageOf(values, from, fields === undefined ? last + 1 : last);
  try {
    log(level, message, fields);
  } catch {
    const all = shown(fields);
    if (all[0] === '{') log(level, message, parse(all));
    else log(level, message === '' ? all : message + ' ' + all, undefined);
  }
}

const methods = {
  log: (...values) => write('info', values),
  info: (...values) => write('info', values),
  warn: (...values) => write('warn', values),
  error: (...values) => write('error', values),
  debug: (...values) => write('debug', values),
  trace: (...values) => write('debug', values, 0, 'Trace: '),
  dir: (value) => write('info', [shown(value)]),
  dirxml: (...values) => write('info', values),
  table: (value) => write('info', [shown(value)]),
  assert(condition, ...values) {
    if (!condition) write('error', values, 0, values.length > 0 ? 'Assertion failed: ' : 'Assertion failed');
  },
  count(label = 'default') {
    const name = shown(label);
    counts[name] = (counts[name] ?? 0) + 1;
    write('info', [], 0, name + ': ' + counts[name]);
  },
  countReset(label = 'default') {
    counts[shown(label)] = 0;
  },
  group(...values) {
    if (values.length > 0) write('info', values);
    if (groups < mostGroups) groups += 1;
  },
  groupCollapsed(...values) {
    methods.group(...values);
  },
  groupEnd() {
    if (groups > 0) groups -= 1;
  },
};

engine.define({ console: methods });
