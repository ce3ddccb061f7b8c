import { shown } from './shown-text.js';
import { kindOf } from './value-kind.js';

/**
 * An option that is a whole number: its name, its bounds (both included), and its default, unless that is computed.
 * `npm run docs` reads them from the code.
 */
export interface Bounds {
  name: string;
  min: number;
  max: number;
  default?: number;
}

/** Checks such an option; the error names it. */
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
