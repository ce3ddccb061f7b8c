import { shown } from '../values/shown-text.js';
import { kindOf } from '../values/value-kind.js';

/** Options of `close`. */
export interface CloseOptions {
  /** Interrupts calls and loads in progress instead of waiting for them. Default `false`. */
  interrupt?: boolean | undefined;
}

/** Reads the options of `close`. Returns whether it interrupts. */
export function parseCloseOptions(options: unknown): boolean {
  if (options === undefined) {
    return false;
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`the options must be an object, got ${kindOf(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (name !== 'interrupt') {
      throw new TypeError(`unknown option '${shown(name)}'; the option here is interrupt`);
    }
  }
  const { interrupt = false } = options as { interrupt?: unknown };
  if (typeof interrupt !== 'boolean') {
    throw new TypeError(`interrupt must be true or false, got ${kindOf(interrupt)}`);
  }
  return interrupt;
}
