import type { CallReply } from '../result.js';
import type { UnderWay } from '../../under-way.js';

/** A call that the addon has. */
export interface WaitingCall {
  /** The calls of its runtime. */
  readonly underWay: UnderWay;
  readonly resolve: (reply: CallReply) => void;
}

/**
 * The calls that the addon has, by their numbers. All runtimes share one list: what the addon calls lives as long as its
 * runtime, and must not keep it alive.
 */
const waitingForReply = new Map<number, WaitingCall>();

/** From now on, `deliver` gives the call its reply. */
export function waitForReply(number: number, call: WaitingCall): void {
  waitingForReply.set(number, call);
}

/** Gives a call its reply. A call that is unknown has left. */
export function deliver(number: number, reply: CallReply): void {
  const call = waitingForReply.get(number);
  if (call !== undefined) {
    waitingForReply.delete(number);
    call.underWay.end();
    call.resolve(reply);
  }
}
