// The discount of acme. How much it is comes from the manifest, so it changes without a new build.

import { reject, type Hook } from '@hookcell/javascript';

/** Runs in the request: writes what the order costs. */
export const before_hook: Hook = ({ input, config }) => {
  const { cents } = input;
  if (typeof cents !== 'number' || !Number.isInteger(cents) || cents < 1) {
    return reject('the price is not valid', [{ field: 'cents', message: 'must be a whole number from 1' }]);
  }
  const percent = percentOf(config);
  Object.assign(input, { percent, cents: cents - Math.floor((cents * percent) / 100) });
  return undefined;
};

/** Runs as a job, after the response: writes what the customer earned. */
export const after_hook: Hook = ({ data }) => {
  const order = data as { cents: number; points?: number };
  order.points = Math.floor(order.cents / 100);
};

/** Is asked before a version takes traffic. */
export const validate_config: Hook = ({ config }) => {
  const percent = percentOf(config);
  return Number.isInteger(percent) && percent >= 0 && percent <= 50
    ? undefined
    : reject('percent must be a whole number from 0 to 50');
};

function percentOf(config: unknown): number {
  return (config as { percent?: number } | undefined)?.percent ?? 0;
}
