// Which texts are e-mail addresses, and the form in which they are stored.

const MAX_ADDRESS = 254;
const MAX_LOCAL = 64;
const MAX_LABEL = 63;
const LOCAL_MARKS = ".!#$%&'*+/=?^_`{|}~-";

/** `text` without ASCII white space at its ends. `String#trim` also removes Unicode's. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start++;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return text.substring(start, end);
}

/** The address trimmed and in lower case, or null if it cannot be one. */
export function normalize(text: string): string | null {
  const trimmed = trim(text);
  if (trimmed.length > MAX_ADDRESS) return null;
  const at = trimmed.indexOf('@');
  if (at < 0 || !isLocal(trimmed.substring(0, at)) || !isDomain(trimmed.substring(at + 1))) return null;
  return lower(trimmed);
}

/** What follows the `@` of an address from `normalize`. */
export function domain(address: string): string {
  return address.substring(address.indexOf('@') + 1);
}

function isLocal(local: string): bool {
  if (local.length == 0 || local.length > MAX_LOCAL) return false;
  for (let i = 0; i < local.length; i++) {
    if (!isLetterOrDigit(local.charCodeAt(i)) && !LOCAL_MARKS.includes(local.charAt(i))) return false;
  }
  return true;
}

function isDomain(text: string): bool {
  const labels = text.split('.');
  for (let i = 0; i < labels.length; i++) {
    if (!isLabel(labels[i])) return false;
  }
  return labels.length > 1;
}

function isLabel(label: string): bool {
  if (label.length == 0 || label.length > MAX_LABEL || label.startsWith('-') || label.endsWith('-')) return false;
  for (let i = 0; i < label.length; i++) {
    if (!isLetterOrDigit(label.charCodeAt(i)) && label.charAt(i) != '-') return false;
  }
  return true;
}

/** For a plausible address, which is all ASCII: `String#toLowerCase` adds 10 KB of Unicode tables. */
function lower(text: string): string {
  const codes = new Array<i32>(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    codes[i] = code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
  }
  return String.fromCharCodes(codes);
}

function isWhiteSpace(code: i32): bool {
  return code == 0x20 || code == 0x09 || code == 0x0a || code == 0x0c || code == 0x0d;
}

function isLetterOrDigit(code: i32): bool {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39);
}
