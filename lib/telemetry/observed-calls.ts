import type { Usage } from '../calls/result.js';
import type { Fault } from '../errors.js';
import { HookcellError } from '../errors.js';
import { callChannel, chainChannel } from './channels.js';
import type { CallMessage, ChainMessage } from './channels.js';

/**
 * How a call ended: the plugin accepted, rejected or faulted, the host refused the call, or its signal aborted. `failed` is a call
 * with a wrong argument.
 */
export type CallOutcome = 'accepted' | 'rejected' | 'faulted' | 'refused' | 'aborted' | 'failed';

/** A call of a hook that has ended, alone or in a chain. */
export interface ObservedCall {
  readonly plugin: string;
  readonly hook: string;
  readonly outcome: CallOutcome;
  /** The code of the fault or the refusal. */
  readonly code?: string | undefined;
  readonly fault?: Fault | undefined;
  /** The message of a refusal. */
  readonly refusal?: string | undefined;
  readonly tenant?: string | undefined;
  readonly requestId?: string | undefined;
  /** What it used; none if it did not run. In a chain, only the first plugin has the time in the queue. */
  readonly usage?: Usage | undefined;
  /** The message that it was told by, the same from its begin to its end, and for all plugins of a chain. */
  readonly message: CallMessage | ChainMessage;
}

/** Looks at calls. What it throws is dropped: it must not fail a call. */
export interface CallObserver {
  /** A call or a chain begins. */
  begin?(message: CallMessage | ChainMessage): void;
  /** A call has ended; in a chain, each plugin that was called, in order. */
  end(call: ObservedCall): void;
}

/**
 * Tells an observer of every call of a runtime.
 *
 * @returns a function that ends it
 */
export function observeCalls(runtime: object, observer: CallObserver): () => void {
  const own =
    <M extends { runtime: object }>(tell: (message: M) => void) =>
    (message: M): void => {
      if (message.runtime !== runtime) {
        return;
      }
      try {
        tell(message);
      } catch {
        // A subscriber that throws would end the process.
      }
    };
  const begin = own((message: CallMessage | ChainMessage) => observer.begin?.(message));
  const endCall = own((message: CallMessage) => {
    if (message.result !== undefined) {
      observer.end(callOf(message));
    }
  });
  const endChain = own((message: ChainMessage) => {
    for (const call of message.result === undefined ? [] : callsOf(message)) {
      observer.end(call);
    }
  });
  const fail = own((message: CallMessage | ChainMessage) => observer.end(failedCall(message)));
  // A blocking call has its result at `end`, and never comes to `asyncEnd`.
  const ofCalls = { start: begin, end: endCall, asyncStart: nothing, asyncEnd: endCall, error: fail };
  const ofChains = { start: begin, end: nothing, asyncStart: nothing, asyncEnd: endChain, error: fail };
  callChannel.subscribe(ofCalls);
  chainChannel.subscribe(ofChains);
  return () => {
    callChannel.unsubscribe(ofCalls);
    chainChannel.unsubscribe(ofChains);
  };
}

function nothing(): void {
  // `subscribe` needs all five.
}

function callOf(message: CallMessage): ObservedCall {
  const { plugin, hook, tenant, requestId, result } = message;
  const { ok, fault, usage } = result as NonNullable<typeof result>;
  return { plugin, hook, tenant, requestId, ...outcomeOf(ok, fault), usage, message };
}

function callsOf(message: ChainMessage): ObservedCall[] {
  const { hook, tenant, requestId, result } = message;
  const { steps, fault, usage: whole } = result as NonNullable<typeof result>;
  const calls: ObservedCall[] = [];
  for (const [index, { plugin, ok, usage: own }] of steps.entries()) {
    const end = outcomeOf(ok, index === steps.length - 1 ? fault : undefined);
    const usage = index === 0 ? { ...own, queueMs: whole.queueMs } : own;
    calls.push({ plugin, hook, tenant, requestId, ...end, usage, message });
  }
  return calls;
}

function outcomeOf(ok: boolean, fault: Fault | undefined): Pick<ObservedCall, 'outcome' | 'code' | 'fault'> {
  return fault === undefined
    ? { outcome: ok ? 'accepted' : 'rejected' }
    : { outcome: 'faulted', code: fault.code, fault };
}

/** A chain that did not run counts as a call of its first plugin. */
function failedCall(message: CallMessage | ChainMessage): ObservedCall {
  const { hook, tenant, requestId, error } = message;
  const plugin = 'plugin' in message ? message.plugin : (message.plugins[0] ?? '');
  const call = { plugin, hook, tenant, requestId, message };
  if (error instanceof HookcellError) {
    return { ...call, outcome: 'refused', code: error.code, refusal: error.message };
  }
  const isMistake = error instanceof TypeError || error instanceof RangeError;
  return { ...call, outcome: isMistake ? 'failed' : 'aborted' };
}
