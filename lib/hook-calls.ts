import { onAbort, untilAborted } from './abort.js';
import type { ParsedCallOptions } from './call-options.js';
import { closedError, HookcellError, internalError } from './errors.js';
import { FairQueue } from './fair-queue.js';
import type { FullQueue } from './fair-queue.js';
import { Cancellation } from './native.js';
import type { NativeRuntime } from './native.js';
import type { QueueSettings } from './queue-options.js';
import type { Tenant } from './tenant.js';
import type { Waiting } from './waiting.js';

/** Hands a call to the addon, which resolves JSON text. */
export type AddonCall = (cancellation?: Cancellation) => Promise<string>;

/** What the addon said to a call. */
export interface HookReply {
  /** JSON text. */
  readonly text: string;
  /** How long the call waited for its turn before, in milliseconds. */
  readonly waitedMs: number;
}

/** The calls of one runtime on their way through the addon: each waits for its turn, and ends when nobody wants it. */
export class HookCalls {
  readonly #native: NativeRuntime;
  readonly #settings: QueueSettings;
  readonly #queue: FairQueue;

  constructor(native: NativeRuntime, settings: QueueSettings) {
    this.#native = native;
    this.#settings = settings;
    this.#queue = new FairQueue(settings);
  }

  /** Makes a call when its turn has come; rejects as {@link CallOptions} says. */
  async call(call: AddonCall, options: ParsedCallOptions): Promise<HookReply> {
    const { signal } = options;
    if (signal?.aborted) {
      throw signal.reason;
    }
    let tenant = this.#queue.start(options.tenant);
    let waitedMs = 0;
    if (tenant === undefined) {
      ({ tenant, waitedMs } = await this.#turn(options));
    }
    if (signal === undefined) {
      return { text: await this.#run(tenant, call), waitedMs };
    }
    const cancellation = new Cancellation();
    const running = this.#run(tenant, () => call(cancellation));
    return { text: await untilAborted(signal, running, () => this.#native.cancel(cancellation)), waitedMs };
  }

  /** Ends all calls for good: those that wait reject, and those that run are interrupted. */
  interrupt(): void {
    this.#queue.clear();
    this.#native.cancelAll();
  }

  /** Resolves when no call runs or waits. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Waits until the call has a slot. */
  async #turn({ tenant, queueTimeoutMs, signal }: ParsedCallOptions): Promise<Waiting> {
    const timeoutMs = queueTimeoutMs ?? this.#settings.queueTimeoutMs;
    const waiting = this.#queue.wait(tenant, timeoutMs);
    if (typeof waiting === 'string') {
      throw this.#queueFullError(waiting);
    }
    const forget = signal === undefined ? undefined : onAbort(signal, () => this.#queue.remove(waiting));
    const end = await waiting.ended;
    forget?.();
    if (signal?.aborted) {
      if (end === 'slot') {
        // The signal came between the turn and this line.
        this.#queue.end(waiting.tenant);
      }
      throw signal.reason;
    }
    if (end === 'timeout') {
      throw new HookcellError('ERR_QUEUE_TIMEOUT', `the call waited ${timeoutMs} ms for its turn (queueTimeoutMs)`);
    }
    if (end === 'removed') {
      throw closedError();
    }
    return waiting;
  }

  /** Runs a call in its slot, which is free again when the addon has settled it. */
  async #run(tenant: Tenant, call: AddonCall): Promise<string> {
    try {
      return await call();
    } catch (cause) {
      throw internalError(cause);
    } finally {
      this.#queue.end(tenant);
    }
  }

  #queueFullError(limit: FullQueue): HookcellError {
    const room = this.#settings[limit];
    const message = limit === 'maxQueue' ? `${room} calls wait already` : `${room} calls of this tenant wait already`;
    return new HookcellError('ERR_QUEUE_FULL', `${message} (${limit})`, { limit });
  }
}
