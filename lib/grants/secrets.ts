import { sharedState } from '../shared-state.js';

/** The shortest secret that is looked for in text. A shorter one would be found in every other word. */
const SHORTEST = 4;

/** The most secrets to remember. The oldest one is forgotten first. */
const MOST = 4_096;

/** The names of the environment variables that configurations refer to, by their values. All runtimes of a process share them. */
const names = sharedState('secrets/1', () => new Map<string, string>());

/** From now on, {@link redacted} takes this value out of text. */
export function rememberSecret(value: string, name: string): void {
  if (value.length < SHORTEST) {
    return;
  }
  names.delete(value);
  names.set(value, name);
  for (const [oldest] of names) {
    if (names.size <= MOST) {
      break;
    }
    names.delete(oldest);
  }
}

/** JSON in whose texts, keys and numbers each secret is replaced as by {@link redacted}. What has none stays the same value. */
export function redactedJson<T>(value: T): T {
  return names.size === 0 ? value : (redactedValue(value) as T);
}

function redactedValue(value: unknown): unknown {
  if (typeof value === 'string') {
    return redacted(value);
  }
  if (typeof value === 'number') {
    const text = String(value);
    const shown = redacted(text);
    return shown === text ? value : shown;
  }
  if (Array.isArray(value)) {
    return value.map(redactedValue);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [redacted(key), redactedValue(member)]))
    : value;
}

/** The text with each secret, as it is or as in JSON, replaced by the name of its variable: `{env:NAME}`. */
export function redacted(text: string): string {
  const forms = [...names].flatMap(([value, name]) => {
    const quoted = JSON.stringify(value).slice(1, -1);
    return quoted === value ? [{ form: value, name }] : [value, quoted].map((form) => ({ form, name }));
  });
  // A secret may contain another one, and what is around that is secret, too.
  const longestFirst = forms.toSorted((one, other) => other.form.length - one.form.length);
  return longestFirst.reduce((left, { form, name }) => left.replaceAll(form, () => `{env:${name}}`), text);
}
