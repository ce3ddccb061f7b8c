// What a value of a manifest must be. Each function says what is wrong with a value, or returns `undefined`.
import { findInJson } from '../../values/find-in-json.js';
import { nonFinitePath } from '../../values/non-finite.js';
import { tenantLengthProblem } from '../../values/tenant-length.js';
import { shown } from '../../values/shown-text.js';
import { isRecord, kindOf } from '../../values/value-kind.js';

/** The name of a plugin: it becomes part of the key that the runtime knows the plugin by, and of the names of fixture files. */
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;
const SHA256 = /^[0-9a-f]{64}$/i;
const MOST_ORDER = 1_000_000;
/** With the context around it, a configuration stays below the nesting that a context may have. */
const MOST_DEPTH = 100;

/** A text in a message. */
function got(value: unknown): string {
  return typeof value === 'string' ? `'${shown(value)}'` : kindOf(value);
}

/** A boolean. */
export function booleanProblem(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : `must be true or false, got ${got(value)}`;
}

/** One of several words. */
export function wordProblem(...words: readonly string[]): (value: unknown) => string | undefined {
  return (value) =>
    words.includes(value as string)
      ? undefined
      : `must be ${words.map((word) => `'${word}'`).join(' or ')}, got ${got(value)}`;
}

/** The name of a plugin. */
export function nameProblem(value: unknown): string | undefined {
  return typeof value === 'string' && NAME.test(value)
    ? undefined
    : `must be 1 to 64 letters, digits, '_', '.' and '-', and begin with a letter or digit, got ${got(value)}`;
}

/** A digest. */
export function digestProblem(value: unknown): string | undefined {
  return typeof value === 'string' && SHA256.test(value)
    ? undefined
    : `must be a SHA-256 of 64 hexadecimal digits, got ${got(value)}`;
}

/** A line of text. */
export function lineProblem(most: number): (value: unknown) => string | undefined {
  return (value) => {
    if (typeof value !== 'string') {
      return `must be a string, got ${got(value)}`;
    }
    const isLine =
      value !== '' && value.length <= most && value.isWellFormed() && shown(value).startsWith(value.slice(0, 200));
    return isLine ? undefined : `must be 1 to ${most} visible characters, got ${got(value)}`;
  };
}

/** The place of a plugin among the others. */
export function orderProblem(value: unknown): string | undefined {
  return Number.isInteger(value) && Math.abs(value as number) <= MOST_ORDER
    ? undefined
    : `must be a whole number from -1,000,000 to 1,000,000, got ${typeof value === 'number' ? value : got(value)}`;
}

/** A share of requests. */
export function shareProblem(least: 'zero' | 'more'): (value: unknown) => string | undefined {
  return (value) => {
    const isShare = typeof value === 'number' && value <= 1 && (least === 'zero' ? value >= 0 : value > 0);
    const range = least === 'zero' ? 'from 0 to 1' : 'more than 0 and at most 1';
    return isShare ? undefined : `must be ${range}, got ${typeof value === 'number' ? value : got(value)}`;
  };
}

/** A list of different texts. */
export function listProblem(
  most: number,
  itemProblem: (value: unknown) => string | undefined,
): (value: unknown) => string | undefined {
  return (value) => {
    if (!Array.isArray(value)) {
      return `must be an array, got ${got(value)}`;
    }
    if (value.length === 0 || value.length > most) {
      return `must have 1 to ${most} items, got ${value.length}`;
    }
    for (const [index, item] of value.entries()) {
      const problem = itemProblem(item);
      if (problem !== undefined) {
        return `is wrong at index ${index}: it ${problem}`;
      }
    }
    return new Set(value).size === value.length ? undefined : 'names something twice';
  };
}

/** The configuration of a plugin: the `__proto__` key of a context is refused, and it may not nest more deeply than one. */
export function configProblem(value: unknown): string | undefined {
  const wrong = findInJson(value, 'config', (container, depth) => {
    if (depth >= MOST_DEPTH) {
      return `nests more than ${MOST_DEPTH} deep`;
    }
    return Object.hasOwn(container, '__proto__') ? 'has a __proto__ key' : undefined;
  });
  if (wrong !== undefined) {
    return `${wrong.found} at ${shown(wrong.path)}`;
  }
  // Only a value that does not nest deeply can be looked through by recursion.
  const path = nonFinitePath(value, 'config');
  return path === undefined ? undefined : `has a number that JSON cannot hold at ${shown(path)}`;
}

/** The configurations of tenants. */
export function tenantConfigsProblem(value: unknown): string | undefined {
  if (!isRecord(value)) {
    return `must be an object of tenants, got ${got(value)}`;
  }
  for (const [tenant, config] of Object.entries(value)) {
    const problem =
      tenant === '__proto__' ? 'must not be called __proto__' : (tenantProblem(tenant) ?? configProblem(config));
    if (problem !== undefined) {
      return `is wrong for the tenant '${shown(tenant)}': it ${problem}`;
    }
  }
  return undefined;
}

/** A tenant. */
export function tenantProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.isWellFormed()) {
    return `must be a string of well-formed Unicode, got ${got(value)}`;
  }
  return tenantLengthProblem('', value)?.trim();
}
