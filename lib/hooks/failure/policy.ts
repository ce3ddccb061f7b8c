import type { Caller } from '../../calls/caller.js';
import { kindOf } from '../../values/value-kind.js';
import type { CircuitOpenFailure, FaultedFailure, RejectedFailure } from './failure.js';

/** `closed`: the request ends with the failure. `open`: it goes on without the hook, from the context as it was. */
export type Verdict = 'closed' | 'open';

/** What becomes of a request, always or as a function of what happened. */
export type FailurePolicy<F> = Verdict | ((failure: F, caller: Caller) => Verdict | Promise<Verdict>);

/** What becomes of a request whose plugin fails, or is not called since it failed too often. */
export type FaultPolicy = FailurePolicy<FaultedFailure | CircuitOpenFailure>;

/** What becomes of a request that a plugin rejects. */
export type RejectPolicy = FailurePolicy<RejectedFailure>;

/** What to do where a plugin does not accept. */
export interface PolicyOptions {
  /** Default `closed`. */
  onFault?: FaultPolicy | undefined;
  /** Default `closed`; `open` for a plugin that is on trial. */
  onReject?: RejectPolicy | undefined;
}

/** Reads `onFault` and `onReject`. */
export function parsePolicies(owner: string, { onFault, onReject }: PolicyOptions): PolicyOptions {
  return { onFault: parsePolicy(`${owner}onFault`, onFault), onReject: parsePolicy(`${owner}onReject`, onReject) };
}

function parsePolicy<P>(name: string, policy: P): P {
  if (policy !== undefined && policy !== 'closed' && policy !== 'open' && typeof policy !== 'function') {
    const shown = typeof policy === 'string' ? JSON.stringify(policy) : kindOf(policy);
    throw new TypeError(`${name} must be 'closed', 'open' or a function, got ${shown}`);
  }
  return policy;
}

/** What a policy says to a failure. Anything but a plain `open` closes. */
export async function verdictOf<F>(policy: FailurePolicy<F>, failure: F, caller: Caller): Promise<Verdict> {
  const verdict = typeof policy === 'function' ? await policy(failure, caller) : policy;
  return verdict === 'open' ? 'open' : 'closed';
}
