// `URLSearchParams`.

const { encode, decode, sets } = engine.percent;

const component = (text) => encode(text, sets.form).replaceAll('%20', '+');
const decoded = (text) => decode(text.replaceAll('+', ' '));

function parse(text) {
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [decoded(part), ''] : [decoded(part.slice(0, at)), decoded(part.slice(at + 1))];
    });
}

const asText = (value) => String(value).toWellFormed();

function pairsOf(init) {
  if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
    const text = asText(init);
    return parse(text[0] === '?' ? text.slice(1) : text);
  }
  if ((init[Symbol.iterator] ?? undefined) !== undefined) {
    return Array.from(init, (pair) => {
      const [name, value, ...more] = Object(pair) === pair ? pair : [];
      if (Object(pair) !== pair || more.length > 0 || Array.from(pair).length !== 2) {
        throw new TypeError('URLSearchParams takes pairs of a name and a value');
      }
      return [asText(name), asText(value)];
    });
  }
  const pairs = new Map();
  for (const key of Reflect.ownKeys(init)) {
    if (Object.prototype.propertyIsEnumerable.call(init, key)) pairs.set(asText(key), asText(init[key]));
  }
  return [...pairs];
}

function need(values, count) {
  if (values.length < count)
    throw new TypeError(`${count} argument${count > 1 ? 's' : ''} required, but only ${values.length} present`);
}

class URLSearchParams {
  #pairs = [];
  #changed = undefined;

  constructor(init) {
    if (init !== undefined) this.#pairs = pairsOf(init);
  }

  static {
    /** The parameters of a URL, which is told the new text after a change. */
    engine.paramsOf = (text, changed) => {
      const params = new URLSearchParams();
      params.#pairs = parse(text);
      params.#changed = changed;
      return params;
    };
    engine.resetParams = (params, text) => {
      params.#pairs = parse(text);
    };
  }

  #change() {
    this.#changed?.(this.toString());
  }

  get size() {
    return this.#pairs.length;
  }

  append(name, value) {
    need(arguments, 2);
    this.#pairs.push([asText(name), asText(value)]);
    this.#change();
  }

  delete(name, value = undefined) {
    need(arguments, 1);
    const key = asText(name);
    const wanted = value === undefined ? undefined : asText(value);
    this.#pairs = this.#pairs.filter((pair) => pair[0] !== key || (wanted !== undefined && pair[1] !== wanted));
    this.#change();
  }

  get(name) {
    need(arguments, 1);
    const key = asText(name);
    return this.#pairs.find((pair) => pair[0] === key)?.[1] ?? null;
  }

  getAll(name) {
    need(arguments, 1);
    const key = asText(name);
    return this.#pairs.filter((pair) => pair[0] === key).map((pair) => pair[1]);
  }

  has(name, value = undefined) {
    need(arguments, 1);
    const key = asText(name);
    const wanted = value === undefined ? undefined : asText(value);
    return this.#pairs.some((pair) => pair[0] === key && (wanted === undefined || pair[1] === wanted));
  }

  set(name, value) {
    need(arguments, 2);
    const key = asText(name);
    const text = asText(value);
    const first = this.#pairs.find((pair) => pair[0] === key);
    if (first === undefined) {
      this.#pairs.push([key, text]);
    } else {
      first[1] = text;
      this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== key);
    }
    this.#change();
  }

  sort() {
    this.#pairs.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
    this.#change();
  }

  forEach(callback, receiver) {
    if (typeof callback !== 'function') throw new TypeError('URLSearchParams.forEach takes a function');
    for (let i = 0; i < this.#pairs.length; i++) {
      const [name, value] = this.#pairs[i];
      callback.call(receiver, value, name, this);
    }
  }

  *#iterate(pick) {
    for (let i = 0; i < this.#pairs.length; i++) yield pick(this.#pairs[i]);
  }

  entries() {
    return this.#iterate(([name, value]) => [name, value]);
  }

  keys() {
    return this.#iterate(([name]) => name);
  }

  values() {
    return this.#iterate(([, value]) => value);
  }

  toString() {
    return this.#pairs.map(([name, value]) => `${component(name)}=${component(value)}`).join('&');
  }
}

engine.describe(URLSearchParams);
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
  value: URLSearchParams.prototype.entries,
  writable: true,
  configurable: true,
});
engine.define({ URLSearchParams });
