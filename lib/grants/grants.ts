import type { JsonValue } from '../values/json.js';
import type { GrantSettings } from '../native.js';
import { kindOf } from '../values/value-kind.js';
import { checkWellFormed } from '../values/well-formed.js';
import { parseConfig } from './config.js';

/** A time, as a plugin gets it. */
export interface GrantedTime {
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** The same as RFC 3339, in UTC: `2026-05-28T20:26:40.000Z`. */
  readonly iso: string;
}

/** The time and the seed that a call got. With the same, and the same context, it ends alike. */
export interface Granted {
  /** Omitted if no time was granted. */
  readonly now?: GrantedTime;
  /** Omitted if no seed was granted. */
  readonly seed?: number | string;
}

/**
 * What a plugin gets beside the request. Each is a member of its context, and is absent unless it is set. Those of a call are
 * over those of the load.
 */
export interface GrantOptions {
  /**
   * The plugin's configuration: JSON of at most `maxConfigBytes`, which the plugin reads as `config`. An object whose only key is
   * `env`, such as `{ "env": "API_TOKEN" }`, is replaced by that environment variable of the server; if it is not set, the
   * refusal is `ERR_CONFIG`. Secrets that come from a variable are not in logs and recordings. A plugin with an export
   * `validate_config` is asked when a load sets its configuration. Default none.
   */
  config?: JsonValue | undefined;

  /**
   * The time, which the plugin reads as `now`: `{ "ms": 1780000000000, "iso": "2026-05-28T20:26:40.000Z" }`. `true` is the time at
   * which the call begins to run, and the same for all plugins of a chain. A `Date`, or whole milliseconds since 1970, is that
   * time in every call. Default `false`: none.
   */
  now?: boolean | number | Date | GrantedTime | undefined;

  /**
   * A seed for random numbers, which the plugin reads as `seed`. `true` is a new one for each call and plugin, of 32 hexadecimal
   * digits; a string of at most 256 characters or a number is the same in every call. Default `false`: none.
   */
  seed?: boolean | number | string | undefined;
}

/** Checked grants. */
export interface ParsedGrants {
  readonly settings: GrantSettings;
  /** The JSON of the configuration, with references instead of secrets. */
  readonly configReference: string | undefined;
  /** As the user wrote them. */
  readonly options: GrantOptions;
}

/** The names of {@link GrantOptions}. */
export const grantNames = ['config', 'now', 'seed'] as const satisfies (keyof GrantOptions)[];

/** The longest seed, in UTF-16 units. */
const MAX_SEED_LENGTH = 256;

/** The first and the last millisecond that RFC 3339 can write. */
const [FIRST_MS, LAST_MS] = [-62_167_219_200_000, 253_402_300_799_999];

/**
 * Reads what a plugin is granted. Returns `undefined` for nothing.
 *
 * @throws {@link HookcellError} `ERR_CONFIG` if an environment variable is not set
 */
export function parseGrants(options: GrantOptions | undefined): ParsedGrants | undefined {
  const { config, now, seed } = options ?? {};
  if (config === undefined && now === undefined && seed === undefined) {
    return undefined;
  }
  const settings: GrantSettings = {};
  let configReference: string | undefined;
  if (config !== undefined) {
    const { text, reference } = parseConfig(config);
    settings.config = text;
    configReference = reference;
  }
  if (now !== undefined) {
    settings.now = String(typeof now === 'boolean' ? now : milliseconds(now));
  }
  if (seed !== undefined) {
    settings.seed = parseSeed(seed);
  }
  return { settings, configReference, options: { config, now, seed } };
}

function milliseconds(now: unknown): number {
  const expected = `now must be true, false, a Date, or whole milliseconds from ${FIRST_MS} to ${LAST_MS}`;
  const ms = now instanceof Date ? now.getTime() : ((now as Partial<GrantedTime> | null)?.ms ?? now);
  if (typeof ms !== 'number') {
    throw new TypeError(`${expected}, got ${kindOf(now)}`);
  }
  if (!Number.isInteger(ms) || ms < FIRST_MS || ms > LAST_MS) {
    throw new RangeError(`${expected}, got ${ms}`);
  }
  return ms;
}

function parseSeed(seed: unknown): string {
  if (typeof seed === 'string') {
    if (seed.length > MAX_SEED_LENGTH) {
      throw new RangeError(`seed must have at most ${MAX_SEED_LENGTH} characters, got ${seed.length}`);
    }
    checkWellFormed('seed', seed);
  } else if (typeof seed !== 'boolean' && !(typeof seed === 'number' && Number.isFinite(seed))) {
    throw new TypeError(`seed must be true, false, a string or a finite number, got ${kindOf(seed)}`);
  }
  return JSON.stringify(seed);
}
