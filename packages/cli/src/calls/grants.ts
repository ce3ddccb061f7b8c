import type { GrantOptions } from 'hookcell';

/** What a plugin gets beside the request, as a fixture and a recording have it. */
export interface Grants {
  config?: NonNullable<GrantOptions['config']> | null;
  now?: number | { ms: number; iso: string };
  seed?: number | string;
}

/** The grants among other members. */
export function grantsOf({ config, now, seed }: Grants): Grants {
  return {
    ...(config === undefined ? {} : { config }),
    ...(now === undefined ? {} : { now }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** The length that they add to a context, in bytes. */
export function grantBytes({ config, now, seed }: Grants): number {
  const time = typeof now === 'number' ? { ms: now, iso: new Date(now).toISOString() } : now;
  const members = JSON.stringify({ config, now: time, seed });
  // Their braces become the comma before the first.
  return members === '{}' ? 0 : Buffer.byteLength(members) - 1;
}
