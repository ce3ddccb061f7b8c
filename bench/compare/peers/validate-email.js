// The plugin of pdk/ in JavaScript, for peers that run JavaScript: it passes the same cases (pdk/cases.json). JSON text in and
// out, like every other one that is measured.

const EDGES = /^[ \t\n\f\r]+|[ \t\n\f\r]+$/g;
const LOCAL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$/;
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const MAX_ADDRESS = 254;

function trim(text) {
  return text.replace(EDGES, '');
}

// Only ASCII: `toLowerCase` makes a "k" of the Kelvin sign.
function lower(text) {
  return text.replaceAll(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

function normalized(text) {
  const address = lower(trim(text));
  const [local, domain, ...more] = address.split('@');
  const labels = domain === undefined ? [] : domain.split('.');
  const isPlausible =
    more.length === 0 &&
    labels.length > 1 &&
    address.length <= MAX_ADDRESS &&
    LOCAL.test(local) &&
    labels.every((label) => LABEL.test(label));
  return isPlausible ? address : undefined;
}

function rejected(message, value) {
  return JSON.stringify({ ok: false, error: 'email is not valid', details: [{ field: 'email', message, value }] });
}

globalThis.before_hook = function (context) {
  const { input } = JSON.parse(context);
  const { email, name } = input;
  if (email === undefined) {
    return rejected('is required', null);
  }
  if (typeof email !== 'string') {
    return rejected('must be a string', email);
  }
  const address = normalized(email);
  if (address === undefined) {
    return rejected('is not a valid address', email);
  }
  const trimmed = typeof name === 'string' ? trim(name) : name;
  if (address === email && trimmed === name) {
    return '{"ok":true}';
  }
  const changed = { ...input, email: address };
  if (name !== undefined) {
    changed.name = trimmed;
  }
  return JSON.stringify({ ok: true, ctx: { input: changed } });
};

globalThis.after_hook = function (context) {
  const { data } = JSON.parse(context);
  if (data === null || typeof data !== 'object' || typeof data.email !== 'string') {
    return '{"ok":true}';
  }
  const address = normalized(data.email);
  return address === undefined
    ? '{"ok":true}'
    : JSON.stringify({ ok: true, ctx: { data: { ...data, email_domain: address.slice(address.indexOf('@') + 1) } } });
};
