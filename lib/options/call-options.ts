import { parseSignal } from '../calls/abort.js';
import type { Logger } from '../diagnostics.js';
import { grantNames, parseGrants } from '../grants/grants.js';
import type { GrantOptions, ParsedGrants } from '../grants/grants.js';
import { parseCallLimits } from './limits.js';
import type { SandboxLimits } from './limits.js';
import type { LimitOptions } from '../native.js';
import { parseQueueTimeout } from './queue-options.js';
import type { QueueOptions } from './queue-options.js';
import { tenantLengthProblem } from '../values/tenant-length.js';
import { kindOf } from '../values/value-kind.js';
import { checkWellFormed } from '../values/well-formed.js';

/** Limits of one call that replace the plugin's, lower or higher. */
type BlockingLimits = Pick<SandboxLimits, 'maxFuel' | 'maxMemoryPages' | 'timeoutMs'>;

/** The request that a call is for. */
interface RequestOption {
  /**
   * The request that the call is made for: any text of at most 128 characters. It is on log lines about the call and on messages of
   * the diagnostics channels. The plugin does not see it. Default none.
   */
  requestId?: string | undefined;
}

/** Options of a blocking call: limits that replace the plugin's, lower or higher; what the plugin is granted; and its request. */
export interface SyncCallOptions extends BlockingLimits, GrantOptions, RequestOption {}

/** Limits of one call that replace the plugin's, lower or higher. */
export type CallLimits = BlockingLimits & Pick<SandboxLimits, 'inlineFuel'>;

/**
 * Options of one call: limits that replace the plugin's, lower or higher; what the plugin is granted; its tenant; and a signal that
 * ends it.
 */
export interface CallOptions extends CallLimits, GrantOptions, RequestOption, Pick<QueueOptions, 'queueTimeoutMs'> {
  /**
   * Ends the call, which then rejects at once with the signal's reason. A waiting call never runs, and a running plugin is
   * interrupted; its thread is free a moment later, at the plugin's next loop or function call. One signal can serve any
   * number of calls.
   */
  signal?: AbortSignal | undefined;

  /**
   * The tenant on whose behalf the call is made: any well-formed string of at most 256 characters. Waiting tenants take turns, and each takes at
   * most `maxConcurrencyPerTenant` and `maxQueuePerTenant`. Calls without a tenant (or with `null`) take turns as one
   * tenant without these limits. The plugin does not see this value: it sees `tenant_id` of its context.
   */
  tenant?: string | null | undefined;
}

/** Checked options of a call. */
export interface ParsedCallOptions {
  readonly limits?: LimitOptions | undefined;
  readonly queueTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly tenant?: string | undefined;
  readonly grants?: ParsedGrants | undefined;
  readonly requestId?: string | undefined;
  /** The log of the request, from an adapter. */
  readonly logger?: Logger | undefined;
}

/** What a blocking call takes besides limits. */
export const syncNames = ['requestId', ...grantNames] as const satisfies (keyof SyncCallOptions)[];

const otherNames = ['queueTimeoutMs', 'signal', 'tenant', ...syncNames] as const satisfies (keyof CallOptions)[];
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
    grants: parseGrants(options),
    requestId: parseRequestId(options.requestId),
  };
}

/** The longest `requestId`, in UTF-16 units. */
export const MAX_REQUEST_ID = 128;

/** Reads the option `requestId`. */
export function parseRequestId(requestId: unknown): string | undefined {
  if (requestId === undefined) {
    return undefined;
  }
  if (typeof requestId !== 'string') {
    throw new TypeError(`requestId must be a string, got ${kindOf(requestId)}`);
  }
  if (requestId.length > MAX_REQUEST_ID) {
    throw new RangeError(`requestId must have at most ${MAX_REQUEST_ID} characters, got ${requestId.length}`);
  }
  return requestId;
}

/** Reads the option `tenant`. */
export function parseTenant(tenant: unknown): string | undefined {
  if (tenant === undefined || tenant === null) {
    return undefined;
  }
  if (typeof tenant !== 'string') {
    throw new TypeError(`tenant must be a string or null, got ${kindOf(tenant)}`);
  }
  const problem = tenantLengthProblem('tenant', tenant);
  if (problem !== undefined) {
    throw new RangeError(problem);
  }
  checkWellFormed('tenant', tenant);
  return tenant;
}
