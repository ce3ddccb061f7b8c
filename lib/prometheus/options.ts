import { isRecord, kindOf } from '../values/value-kind.js';
import { wholeNumber } from '../values/whole-number.js';

/** Where metrics go, and what they are called. */
export interface MetricsOptions {
  /** Your registry of `prom-client` 15: its global `register`, or one of your own. */
  register: object;

  /** The beginning of each metric's name. Default `hookcell_`. */
  prefix?: string | undefined;

  /** Whether calls have a label `tenant`. Each tenant is then a series of its own, at most `maxPlugins`. Default `false`. */
  tenants?: boolean | undefined;

  /** The most values of the label `plugin`. Further plugins are counted together as `other`. Default 1,000, 1 to 100,000. */
  maxPlugins?: number | undefined;
}

const maxPlugins = { name: 'maxPlugins', min: 1, max: 100_000, default: 1_000 };

const PREFIX = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** Reads the options and fills in the defaults. */
export function parseMetricsOptions({ register, prefix = 'hookcell_', tenants = false, ...more }: MetricsOptions) {
  if (!isRecord(register) || typeof (register as { registerMetric?: unknown }).registerMetric !== 'function') {
    throw new TypeError(`register must be a Registry of prom-client, got ${kindOf(register)}`);
  }
  if (typeof prefix !== 'string' || !PREFIX.test(prefix)) {
    throw new TypeError(`prefix must begin a name of a metric, such as 'hookcell_', got ${JSON.stringify(prefix)}`);
  }
  if (typeof tenants !== 'boolean') {
    throw new TypeError(`tenants must be true or false, got ${kindOf(tenants)}`);
  }
  return { register, prefix, tenants, maxPlugins: wholeNumber(maxPlugins, more.maxPlugins ?? maxPlugins.default) };
}
