import { HookcellError } from '../errors.js';
import { isContainer } from '../values/find-in-json.js';
import { nonFinitePath } from '../values/non-finite.js';
import { referenceOf } from './reference.js';
import { rememberSecret } from './secrets.js';
import { shown } from '../values/shown-text.js';
import { kindOf } from '../values/value-kind.js';

/** The deepest nesting of a configuration, as of a context. */
const MAX_DEPTH = 128;

/** A configuration as JSON. */
export interface ParsedConfig {
  /** As the plugin gets it. */
  readonly text: string;
  /** As it was written, with references instead of secrets. */
  readonly reference: string;
}

/**
 * Reads a plugin's configuration. An object whose only key is `env` is replaced by the environment variable that it names.
 *
 * @throws {@link HookcellError} `ERR_CONFIG` if a variable is not set, with the `path` of the reference
 */
export function parseConfig(config: unknown): ParsedConfig {
  const reference = write(config);
  const read = new ConfigReader();
  const resolved = read.value(JSON.parse(reference), 'config', 0);
  return { text: read.hasReferences ? JSON.stringify(resolved) : reference, reference };
}

function write(config: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(config);
  } catch (cause) {
    throw new TypeError(`config cannot be written as JSON: ${(cause as Error).message}`, { cause });
  }
  if (text === undefined) {
    throw new TypeError(`config must be JSON, got ${kindOf(config)}`);
  }
  const path = text.includes('null') ? nonFinitePath(config, 'config') : undefined;
  if (path !== undefined) {
    throw new TypeError(`${shown(path)} is not a finite number`);
  }
  return text;
}

/** Resolves the references of a configuration, which it changes. */
class ConfigReader {
  hasReferences = false;

  value(value: unknown, path: string, depth: number): unknown {
    if (!isContainer(value)) {
      return value;
    }
    if (depth >= MAX_DEPTH) {
      throw new TypeError(`config is nested more than ${MAX_DEPTH} levels deep`);
    }
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (isContainer(item)) {
          value[index] = this.value(item, `${path}[${index}]`, depth + 1);
        }
      }
      return value;
    }
    const name = referenceOf(value);
    if (name !== undefined) {
      return this.#variable(name, path);
    }
    const record = value as Record<string, unknown>;
    for (const key of Object.keys(record)) {
      if (key === '__proto__') {
        throw new TypeError(`${shown(path)} has a key "__proto__"`);
      }
      const member = record[key];
      if (isContainer(member)) {
        record[key] = this.value(member, `${path}.${key}`, depth + 1);
      }
    }
    return value;
  }

  #variable(name: string, path: string): string {
    const value = process.env[name];
    if (value === undefined) {
      throw new HookcellError(
        'ERR_CONFIG',
        `${shown(path)} refers to the environment variable '${shown(name)}', which is not set`,
        { path: shown(path) },
      );
    }
    this.hasReferences = true;
    rememberSecret(value, name);
    return value;
  }
}
