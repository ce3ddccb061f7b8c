import { kindOf } from './value-kind.js';

/** The name of an option that is a whole number, and the least and the greatest that it may be. */
export interface Bounds {
  name: string;
  min: number;
  max: number;
}

/** Checks such an option; the error names it. */
export function wholeNumber({ name, min, max }: Bounds, value: unknown): number {
  if (typeof value !== 'number') {
    const shown = typeof value === 'string' ? `the string ${JSON.stringify(value)}` : kindOf(value);
    throw new TypeError(`${name} must be a whole number from ${min} to ${max}, got ${shown}`);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, got ${value}`);
  }
  return value;
}
