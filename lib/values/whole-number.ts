import { shown } from './shown-text.js';
import { kindOf } from './value-kind.js';

/**
 * A whole-number option: its name, its inclusive bounds, and its default, unless it is computed. `npm run docs` reads these
 * objects from the code.
 */
export interface Bounds {
  name: string;
  min: number;
  max: number;
  default?: number;
}

/** Checks the value of a whole-number option. The error names the option. */
export function wholeNumber({ name, min, max }: Bounds, value: unknown): number {
  if (typeof value !== 'number') {
    const given = typeof value === 'string' ? `the string "${shown(value)}"` : kindOf(value);
    throw new TypeError(`${name} must be a whole number from ${min} to ${max}, got ${given}`);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, got ${value}`);
  }
  return value;
}
