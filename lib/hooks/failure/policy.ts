import type { Caller } from '../../calls/caller.js';
import { kindOf } from '../../values/value-kind.js';
import type { CircuitOpenFailure, FaultedFailure, RejectedFailure } from './failure.js';

/** `closed`: the request ends with the failure. `open`: it continues without the hook, with the context as it was. */
export type Verdict = 'closed' | 'open';

/** Whether a failure ends the request: always the same, or a function that decides. */
export type FailurePolicy<F> = Verdict | ((failure: F, caller: Caller) => Verdict | Promise<Verdict>);

/** Whether a request ends if its plugin faults, or is not called because it faulted too often. */
export type FaultPolicy = FailurePolicy<FaultedFailure | CircuitOpenFailure>;

/** Whether a request ends if a plugin rejects it. */
export type RejectPolicy = FailurePolicy<RejectedFailure>;

/** What to do if a plugin does not accept. */
export interface PolicyOptions {
  /** Default `closed`. */
  onFault?: FaultPolicy | undefined;
  /** Default `closed`. `open` suits a plugin on trial. */
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

/** What a policy decides. Anything other than `open` closes. */
export async function verdictOf<F>(policy: FailurePolicy<F>, failure: F, caller: Caller): Promise<Verdict> {
  const verdict = typeof policy === 'function' ? await policy(failure, caller) : policy;
  return verdict === 'open' ? 'open' : 'closed';
}
