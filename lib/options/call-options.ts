import { parseSignal } from '../calls/abort.js';
import { parseCallLimits } from './limits.js';
import type { SandboxLimits } from './limits.js';
import type { LimitOptions } from '../native.js';
import { parseQueueTimeout } from './queue-options.js';
import type { QueueOptions } from './queue-options.js';
import { kindOf } from '../values/value-kind.js';
import { checkWellFormed } from '../values/well-formed.js';

/** How a call is made that its thread waits for: limits in place of its plugin's, tighter or wider. */
export type SyncCallOptions = Pick<SandboxLimits, 'maxFuel' | 'maxMemoryPages' | 'timeoutMs'>;

/** How one call is made: limits in place of its plugin's, tighter or wider; whose it is; and what ends it. */
export interface CallOptions extends SyncCallOptions, Pick<QueueOptions, 'queueTimeoutMs'> {
  /**
   * Ends the call, which then rejects at once with the signal's reason: one that waits for its turn never runs, and a
   * plugin that runs is interrupted. Its thread is free a moment later, when the plugin has come to its next loop or
   * function call. One signal may serve any number of calls.
   */
  signal?: AbortSignal | undefined;

  /**
   * Whose call it is, in any well-formed string, where one server serves many: tenants that wait get their turns in rotation, and
   * none takes more than `maxConcurrencyPerTenant` and `maxQueuePerTenant`. All calls without a tenant, or with `null`,
   * rotate as one, and take as much as there is. The plugin is not told: see `tenant_id` of its context.
   */
  tenant?: string | null | undefined;
}

/** The options of a call, checked. */
export interface ParsedCallOptions {
  readonly limits?: LimitOptions | undefined;
  readonly queueTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly tenant?: string | undefined;
}

const otherNames = ['queueTimeoutMs', 'signal', 'tenant'] as const satisfies (keyof CallOptions)[];
const none: ParsedCallOptions = {};

/** Reads the options of a call. */
export function parseCallOptions(options: CallOptions | undefined): ParsedCallOptions {
  if (options === undefined) {
    return none;
  }
  return {
    limits: parseCallLimits(options, otherNames),
    queueTimeoutMs: parseQueueTimeout(options),
    signal: parseSignal(options.signal),
    tenant: parseTenant(options.tenant),
  };
}

function parseTenant(tenant: unknown): string | undefined {
  if (tenant === undefined || tenant === null) {
    return undefined;
  }
  if (typeof tenant !== 'string') {
    throw new TypeError(`tenant must be a string or null, got ${kindOf(tenant)}`);
  }
  checkWellFormed('tenant', tenant);
  return tenant;
}
