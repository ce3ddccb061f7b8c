// `URL`.

const { parseHost, percent, urls, paramsOf, resetParams } = engine;
const { parse, isSpecial, isSlash, defaultPorts, takePath, takePort, breaks } = urls;
const { encode, sets } = percent;

const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*(?=:|$)/;

const asText = (value) => String(value).toWellFormed();
const without = (value) => asText(value).replace(breaks, '');

function invalid(text) {
  const error = new TypeError('Invalid URL');
  error.code = 'ERR_INVALID_URL';
  error.input = text;
  return error;
}

/** The parts of a URL; undefined if the text or its base is none. */
function read(text, base) {
  const parsed = base === undefined ? undefined : parse(asText(base));
  return base !== undefined && parsed === undefined ? undefined : parse(asText(text), parsed);
}

/** Sets the host, and the port if the text has one and `hasPort`. */
function takeHost(url, text, hasPort) {
  const end = text.search(url.isSpecial ? /[/\\?#]/ : /[/?#]/);
  const authority = end < 0 ? text : text.slice(0, end);
  const isFile = url.scheme === 'file';
  const colon = isFile
    ? -1
    : authority.replaceAll(/\[[^\]]*(?:\]|$)/g, (inside) => '-'.repeat(inside.length)).indexOf(':');
  const name = colon < 0 ? authority : authority.slice(0, colon);
  const hasMore = url.username !== '' || url.password !== '' || url.port !== null;
  if (name === '' && (colon >= 0 || (url.isSpecial && !isFile) || hasMore)) return;
  if (colon >= 0 && !hasPort) return;
  const host = name === '' ? '' : parseHost(name, url.isSpecial);
  if (host === undefined) return;
  url.host = isFile && host === 'localhost' ? '' : host;
  if (colon >= 0) takeLeadingPort(url, authority.slice(colon + 1));
}

function takeLeadingPort(url, text) {
  const [digits] = /^[0-9]*/.exec(text);
  if (digits !== '') takePort(url, digits);
}

class URL {
  #record;
  #params = undefined;

  constructor(url, base = undefined) {
    if (arguments.length === 0) throw new TypeError('The "url" argument must be specified');
    this.#record = read(url, base);
    if (this.#record === undefined) throw invalid(asText(url));
  }

  static canParse(url, base = undefined) {
    if (arguments.length === 0) throw new TypeError('The "url" argument must be specified');
    return read(url, base) !== undefined;
  }

  static parse(url, base = undefined) {
    return URL.canParse(url, base) ? new URL(url, base) : null;
  }

  #resetParams() {
    if (this.#params !== undefined) resetParams(this.#params, this.#record.query ?? '');
  }

  /** Whether it can have a user and a port. */
  get #hasAuthority() {
    const { host, scheme: name } = this.#record;
    return host !== null && host !== '' && name !== 'file';
  }

  get href() {
    return this.#record.toString();
  }

  set href(value) {
    const record = read(value);
    if (record === undefined) throw invalid(asText(value));
    this.#record = record;
    this.#resetParams();
  }

  get origin() {
    const { scheme: name, isSpecial: isWeb, hostText, path } = this.#record;
    if (isWeb && name !== 'file') return `${name}://${hostText}`;
    const inner = name === 'blob' && typeof path === 'string' ? parse(path) : undefined;
    return inner?.scheme === 'http' || inner?.scheme === 'https' ? `${inner.scheme}://${inner.hostText}` : 'null';
  }

  get protocol() {
    return `${this.#record.scheme}:`;
  }

  set protocol(value) {
    const record = this.#record;
    const found = scheme.exec(without(value))?.[0].toLowerCase();
    if (found === undefined || isSpecial(found) !== record.isSpecial) return;
    const isFull = record.username !== '' || record.password !== '' || record.port !== null;
    if (found === 'file' ? isFull : record.scheme === 'file' && record.host === '') return;
    record.scheme = found;
    if (record.port === defaultPorts[found]) record.port = null;
  }

  get username() {
    return this.#record.username;
  }

  set username(value) {
    if (this.#hasAuthority) this.#record.username = encode(asText(value), sets.userinfo);
  }

  get password() {
    return this.#record.password;
  }

  set password(value) {
    if (this.#hasAuthority) this.#record.password = encode(asText(value), sets.userinfo);
  }

  get host() {
    return this.#record.hostText;
  }

  set host(value) {
    if (!this.#record.isOpaque) takeHost(this.#record, without(value), true);
  }

  get hostname() {
    return this.#record.host ?? '';
  }

  set hostname(value) {
    if (!this.#record.isOpaque) takeHost(this.#record, without(value), false);
  }

  get port() {
    return this.#record.port === null ? '' : String(this.#record.port);
  }

  set port(value) {
    if (!this.#hasAuthority) return;
    const text = without(value);
    if (asText(value) === '') this.#record.port = null;
    else takeLeadingPort(this.#record, text);
  }

  get pathname() {
    return this.#record.pathText;
  }

  set pathname(value) {
    const record = this.#record;
    if (record.isOpaque) return;
    const text = without(value);
    record.path = [];
    if (isSlash(text[0], record)) takePath(record, text.slice(1));
    else if (text !== '' || record.isSpecial) takePath(record, text);
    else if (record.host === null) record.path.push('');
  }

  get search() {
    return this.#record.query ? `?${this.#record.query}` : '';
  }

  set search(value) {
    const record = this.#record;
    const text = asText(value);
    const query = (text[0] === '?' ? text.slice(1) : text).replace(breaks, '');
    record.query = text === '' ? null : encode(query, record.isSpecial ? sets.specialQuery : sets.query);
    this.#resetParams();
  }

  get searchParams() {
    this.#params ??= paramsOf(this.#record.query ?? '', (text) => {
      this.#record.query = text === '' ? null : text;
    });
    return this.#params;
  }

  get hash() {
    return this.#record.fragment ? `#${this.#record.fragment}` : '';
  }

  set hash(value) {
    const text = asText(value);
    const fragment = (text[0] === '#' ? text.slice(1) : text).replace(breaks, '');
    this.#record.fragment = text === '' ? null : encode(fragment, sets.fragment);
  }

  toString() {
    return this.href;
  }

  toJSON() {
    return this.href;
  }
}

engine.describe(URL);
engine.define({ URL });
