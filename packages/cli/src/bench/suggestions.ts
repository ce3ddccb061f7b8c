import { limitDescriptions } from 'hookcell';

import type { Measured } from './measure.js';

/** Limits that leave room for what was measured. */
export interface Suggestions {
  readonly maxFuel: number;
  readonly timeoutMs: number;
}

/** Fuel is the same on every machine, so twice the most is enough for contexts that are a little larger. */
const FUEL_ROOM = 2;

/** A server under load is slower than this machine now. */
const TIME_ROOM = 20;

const LEAST_TIMEOUT_MS = 10;

/** Limits for calls like these; none if a call faulted, because then it would have used more. */
export function suggestLimits(rows: readonly Measured[]): Suggestions | undefined {
  const most = Math.max(...rows.map(({ fuel }) => fuel?.max ?? Number.NaN));
  const slowest = Math.max(...rows.map(({ runMs }) => runMs.p95));
  if (Number.isNaN(most) || rows.some(({ outcomes }) => outcomes.faulted > 0)) {
    return undefined;
  }
  return {
    maxFuel: within('maxFuel', roundUp(most * FUEL_ROOM)),
    timeoutMs: within('timeoutMs', Math.max(LEAST_TIMEOUT_MS, roundUp(slowest * TIME_ROOM))),
  };
}

/** The next number with two digits and then zeros. */
export function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return Math.ceil(value / unit) * unit;
}

function within(name: keyof Suggestions, value: number): number {
  const { min, max } = limitDescriptions.find((limit) => limit.name === name) as { min: number; max: number };
  return Math.min(max, Math.max(min, value));
}
