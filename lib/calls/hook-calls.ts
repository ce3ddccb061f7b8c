import { onAbort } from './abort.js';
import type { ParsedCallOptions } from '../options/call-options.js';
import { encodeContext } from './context.js';
import type { CheckedContext } from './context.js';
import { deliverSoon } from './deliveries.js';
import { constructionError, internalError } from '../errors.js';
import { NativeRuntime } from '../native.js';
import type { CallCounts, CallSettings, CodeCacheSettings, LimitOptions } from '../native.js';
import type { QueueSettings } from '../options/queue-options.js';
import { QueueTimer } from './queue-timer.js';
import { readReply } from './result.js';
import { UnderWay } from '../under-way.js';

/**
 * Hands the addon a call with this context, under this number. Gives within how many milliseconds to poll, or the
 * refusal of a call that the addon does not take.
 */
export type Submit = (text: string, number: number, settings: CallSettings | undefined) => number | string;

/** Takes the reply to a call, which is JSON text. */
type TakeReply = (reply: string) => void;

/**
 * Who waits for the reply to each call that the addon has. One list for all runtimes: the addon holds on to what it
 * calls back for as long as a runtime lives, so that must not be what keeps the runtime.
 */
const waitingForReply = new Map<number, TakeReply>();
let lastNumber = 0;

/** What the addon calls with the calls that have ended, and the reply to each. */
export function deliver(numbers: number[], replies: string[]): void {
  for (const [index, number] of numbers.entries()) {
    const takeReply = waitingForReply.get(number);
    waitingForReply.delete(number);
    takeReply?.(replies[index] as string);
  }
}

/**
 * Makes the addon's side of a runtime, which calls back for as long as that lives, and so must not keep it.
 *
 * @throws {@link HookcellError} `ERR_CACHE_DIR`, or `ERR_INTERNAL` where the machine cannot run WebAssembly
 */
export function makeNative(
  queue: QueueSettings,
  limits: LimitOptions | undefined,
  codeCache: CodeCacheSettings | undefined,
): NativeRuntime {
  let native: WeakRef<NativeRuntime> | undefined;
  const wake = () => {
    if (native !== undefined) {
      deliverSoon(native);
    }
  };
  try {
    const made = new NativeRuntime(deliver, wake, queue, limits, codeCache);
    native = new WeakRef(made);
    return made;
  } catch (cause) {
    throw constructionError(cause);
  }
}

/** The calls of one runtime that the addon has: those that wait for their turn there, and those that run. */
export class HookCalls {
  readonly #native: NativeRuntime;
  readonly #timer: QueueTimer;
  readonly #underWay = new UnderWay();

  constructor(native: NativeRuntime) {
    this.#native = native;
    this.#timer = new QueueTimer(native);
  }

  /**
   * Makes a call when its turn has come, and resolves its reply, a refusal after its start included.
   *
   * The text of the context is gone when this returns. An async function would keep it while it waits, and the addon has a
   * copy already.
   *
   * @throws what {@link CallOptions} says, where the call is not even taken
   */
  begin(context: CheckedContext<object, unknown>, options: ParsedCallOptions, submit: Submit): Promise<string> {
    return this.#call(encodeContext(context), options, submit);
  }

  #call(text: string, options: ParsedCallOptions, submit: Submit): Promise<string> {
    const { signal } = options;
    if (signal?.aborted) {
      throw signal.reason;
    }
    const number = (lastNumber += 1);
    this.#submit(number, text, submit, options);
    this.#underWay.begin();
    let forget: (() => void) | undefined;
    const replied = new Promise<string>((resolve, reject) => {
      waitingForReply.set(number, (reply) => {
        this.#underWay.end();
        resolve(reply);
      });
      forget = signal && onAbort(signal, () => this.#abort(number, signal, reject));
    });
    // Not where the reply is taken: the signal may be somebody's own, and what it throws must not reach other calls.
    return forget === undefined ? replied : replied.finally(forget);
  }

  /** How many run, and how many wait. */
  counts(): CallCounts {
    return this.#native.calls();
  }

  /** Ends all calls for good: those that wait and those that run. */
  interrupt(): void {
    this.#native.cancelAll();
  }

  /** Resolves when the addon has no call, of those included that nobody waits for any more. */
  idle(): Promise<void> {
    return this.#underWay.idle();
  }

  /** Hands a call to the addon, which takes it or refuses. */
  #submit(number: number, text: string, submit: Submit, options: ParsedCallOptions): void {
    let pollWithin: number | string;
    try {
      pollWithin = submit(text, number, callSettings(options));
    } catch (cause) {
      throw internalError(cause);
    }
    if (typeof pollWithin === 'string') {
      readReply(pollWithin);
    } else {
      this.#timer.pollWithin(pollWithin);
    }
  }

  #abort(number: number, signal: AbortSignal, reject: (reason: unknown) => void): void {
    reject(signal.reason);
    if (this.#native.cancel(number)) {
      // It has not run, so there will be no reply.
      deliver([number], ['']);
    }
  }
}

function callSettings({ limits, queueTimeoutMs, signal, tenant }: ParsedCallOptions): CallSettings | undefined {
  const cancellable = signal !== undefined;
  if (limits === undefined && queueTimeoutMs === undefined && tenant === undefined && !cancellable) {
    return undefined;
  }
  const settings: CallSettings = { cancellable };
  if (limits !== undefined) {
    settings.limits = limits;
  }
  if (queueTimeoutMs !== undefined) {
    settings.queueTimeoutMs = queueTimeoutMs;
  }
  if (tenant !== undefined) {
    settings.tenant = tenant;
  }
  return settings;
}
