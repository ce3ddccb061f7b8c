// The basic URL parser of the URL standard. Where the standard reads character by character, this takes a part at once.

const { parseHost, percent } = engine;
const { encode, sets } = percent;

const defaultPorts = { __proto__: null, ftp: 21, file: null, http: 80, https: 443, ws: 80, wss: 443 };
const isSpecial = (scheme) => scheme in defaultPorts;

const around = /^[\0-\x20]+|[\0-\x20]+$/g;
const breaks = /[\t\n\r]/g;
const schemeStart = /^[a-zA-Z][a-zA-Z0-9+.-]*:/;
const driveLetter = /^[a-zA-Z][:|]$/;
const normalDriveLetter = /^[a-zA-Z]:$/;
const startsWithDriveLetter = /^[a-zA-Z][:|](?:[/\\?#]|$)/;
const oneDot = /^(?:\.|%2e)$/i;
const twoDots = /^(?:\.|%2e){2}$/i;
const leadingSlashes = /^[/\\]*/;

/** What a URL consists of. `path` is a list of segments, or a string if it is opaque. */
class Record {
  scheme = '';
  username = '';
  password = '';
  host = null;
  port = null;
  path = [];
  query = null;
  fragment = null;

  get isSpecial() {
    return isSpecial(this.scheme);
  }

  get isOpaque() {
    return typeof this.path === 'string';
  }

  /** Takes over the authority of another one. */
  take(base) {
    this.username = base.username;
    this.password = base.password;
    this.host = base.host;
    this.port = base.port;
  }

  get pathText() {
    return this.isOpaque ? this.path : this.path.map((segment) => `/${segment}`).join('');
  }

  get authority() {
    if (this.host === null) return '';
    const user = this.username + (this.password === '' ? '' : `:${this.password}`);
    return `//${user === '' ? '' : `${user}@`}${this.hostText}`;
  }

  get hostText() {
    return (this.host ?? '') + (this.port === null ? '' : `:${this.port}`);
  }

  toString(withoutFragment = false) {
    const mark = this.host === null && !this.isOpaque && this.path.length > 1 && this.path[0] === '' ? '/.' : '';
    const query = this.query === null ? '' : `?${this.query}`;
    const fragment = this.fragment === null || withoutFragment ? '' : `#${this.fragment}`;
    return `${this.scheme}:${this.authority}${mark}${this.pathText}${query}${fragment}`;
  }
}

const isSlash = (character, url) => character === '/' || (character === '\\' && url.isSpecial);

function shorten(url) {
  const { path, scheme } = url;
  if (scheme !== 'file' || path.length !== 1 || !normalDriveLetter.test(path[0])) path.pop();
}

/** Takes `?…` and `#…` off the end of the text, into the URL; gives what is left. */
function takeTail(url, text) {
  const hash = text.indexOf('#');
  if (hash >= 0) url.fragment = encode(text.slice(hash + 1), sets.fragment);
  const rest = hash >= 0 ? text.slice(0, hash) : text;
  const mark = rest.indexOf('?');
  if (mark < 0) return rest;
  url.query = encode(rest.slice(mark + 1), url.isSpecial ? sets.specialQuery : sets.query);
  return rest.slice(0, mark);
}

/** Appends segments; `text` has no `?` and no `#`, and begins behind a slash. */
function takePath(url, text) {
  const { path } = url;
  const segments = text.split(url.isSpecial ? /[/\\]/ : '/');
  segments.forEach((raw, i) => {
    const isLast = i === segments.length - 1;
    if (twoDots.test(raw)) {
      shorten(url);
      if (isLast) path.push('');
    } else if (oneDot.test(raw)) {
      if (isLast) path.push('');
    } else if (url.scheme === 'file' && path.length === 0 && driveLetter.test(raw)) {
      path.push(`${raw[0]}:`);
    } else {
      path.push(encode(raw, sets.path));
    }
  });
}

/** What is behind the authority. */
function takePathStart(url, text) {
  const rest = takeTail(url, text);
  if (isSlash(rest[0], url)) takePath(url, rest.slice(1));
  else if (rest !== '' || url.isSpecial) takePath(url, rest);
  return url;
}

/** The place of the colon before a port, or -1. */
function portColon(text) {
  let isInside = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '[') isInside = true;
    else if (text[i] === ']') isInside = false;
    else if (text[i] === ':' && !isInside) return i;
  }
  return -1;
}

/** Sets the port; false if the text is none. */
function takePort(url, digits) {
  if (!/^[0-9]*$/.test(digits) || Number(digits) > 65_535) return false;
  url.port = digits === '' || Number(digits) === defaultPorts[url.scheme] ? null : Number(digits);
  return true;
}

function takeAuthority(url, text) {
  const end = text.search(url.isSpecial ? /[/\\?#]/ : /[/?#]/);
  const authority = end < 0 ? text : text.slice(0, end);
  const at = authority.lastIndexOf('@');
  if (at >= 0) {
    const user = authority.slice(0, at);
    const colon = user.indexOf(':');
    url.username = encode(colon < 0 ? user : user.slice(0, colon), sets.userinfo);
    url.password = colon < 0 ? '' : encode(user.slice(colon + 1), sets.userinfo);
  }
  const hostPort = authority.slice(at + 1);
  const colon = portColon(hostPort);
  const host = colon < 0 ? hostPort : hostPort.slice(0, colon);
  if (host === '' && (url.isSpecial || colon >= 0 || at >= 0)) return undefined;
  url.host = host === '' ? '' : parseHost(host, url.isSpecial);
  if (url.host === undefined || (colon >= 0 && !takePort(url, hostPort.slice(colon + 1)))) return undefined;
  return takePathStart(url, end < 0 ? '' : text.slice(end));
}

function takeFile(url, text, base) {
  const ofFile = base?.scheme === 'file' ? base : undefined;
  url.host = '';
  if (!isSlash(text[0], url)) {
    if (ofFile === undefined) return takePathAlone(url, text);
    url.host = ofFile.host;
    url.path = [...ofFile.path];
    if (text === '' || text[0] === '#' || text[0] === '?') {
      if (text[0] !== '?') url.query = ofFile.query;
      takeTail(url, text);
      return url;
    }
    if (startsWithDriveLetter.test(text)) url.path = [];
    else shorten(url);
    return takePathAlone(url, text);
  }
  if (isSlash(text[1], url)) {
    const rest = text.slice(2);
    const end = rest.search(/[/\\?#]/);
    const host = end < 0 ? rest : rest.slice(0, end);
    if (driveLetter.test(host)) return takePathAlone(url, rest);
    if (host !== '') url.host = parseHost(host, true);
    if (url.host === undefined) return undefined;
    if (url.host === 'localhost') url.host = '';
    return takePathStart(url, end < 0 ? '' : rest.slice(end));
  }
  if (ofFile !== undefined) {
    url.host = ofFile.host;
    const isDrive = startsWithDriveLetter.test(text.slice(1));
    if (!isDrive && ofFile.path.length > 0 && normalDriveLetter.test(ofFile.path[0])) url.path.push(ofFile.path[0]);
  }
  return takePathAlone(url, text.slice(1));
}

/** A path that begins here, without a slash before it. */
function takePathAlone(url, text) {
  takePath(url, takeTail(url, text));
  return url;
}

function takeRelative(url, text, base) {
  if (isSlash(text[0], url)) {
    if (url.isSpecial && isSlash(text[1], url)) return takeAuthority(url, text.replace(leadingSlashes, ''));
    if (text[1] === '/') return takeAuthority(url, text.slice(2));
    url.take(base);
    return takePathAlone(url, text.slice(1));
  }
  url.take(base);
  url.path = [...base.path];
  if (text === '' || text[0] === '#' || text[0] === '?') {
    if (text[0] !== '?') url.query = base.query;
    takeTail(url, text);
    return url;
  }
  shorten(url);
  return takePathAlone(url, text);
}

function takeOpaque(url, text) {
  const rest = takeTail(url, text);
  const isFollowed = rest.length < text.length;
  url.path = encode(isFollowed && rest.endsWith(' ') ? `${rest.slice(0, -1)}%20` : rest, sets.control);
  return url;
}

/** The URL of a text; undefined if it is none. */
function parse(input, base) {
  const text = input.replace(around, '').replace(breaks, '');
  const url = new Record();
  const found = schemeStart.exec(text);
  if (found === null) {
    if (base === undefined || (base.isOpaque && text[0] !== '#')) return undefined;
    url.scheme = base.scheme;
    if (base.isOpaque) {
      url.path = base.path;
      url.query = base.query;
      takeTail(url, text);
      return url;
    }
    return base.scheme === 'file' ? takeFile(url, text, base) : takeRelative(url, text, base);
  }
  url.scheme = found[0].slice(0, -1).toLowerCase();
  const rest = text.slice(found[0].length);
  if (url.scheme === 'file') return takeFile(url, rest, base);
  if (url.isSpecial) {
    if (base?.scheme === url.scheme && !rest.startsWith('//')) return takeRelative(url, rest, base);
    return takeAuthority(url, rest.replace(leadingSlashes, ''));
  }
  if (rest.startsWith('//')) return takeAuthority(url, rest.slice(2));
  if (rest[0] === '/') return takePathAlone(url, rest.slice(1));
  return takeOpaque(url, rest);
}

engine.urls = { parse, isSpecial, isSlash, defaultPorts, takePath, takePort, breaks };
