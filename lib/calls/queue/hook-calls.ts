import { onAbort } from '../abort.js';
import type { ParsedCallOptions } from '../../options/call-options.js';
import type { CallReply } from '../result.js';
import { encodeContext } from '../context.js';
import type { CheckedContext } from '../context.js';
import { deliverSoon } from './deliveries.js';
import { constructionError, internalError } from '../../errors.js';
import { BATCH_HEAD, NativeRuntime } from '../../native.js';
import type { CodeCacheSettings, LimitOptions } from '../../native.js';
import { countInlineTime, mayRunInline } from '../inline-turn.js';
import type { QueueSettings } from '../../options/queue-options.js';
import type { Submit } from '../prepared/prepared-hook.js';
import { QueueTimer } from './queue-timer.js';
import { replyAt, replyNumbers } from './reply-numbers.js';
import { deliver, waitForReply } from './waiting-calls.js';
import { UnderWay } from '../../under-way.js';

/** All runtimes number their calls together. */
let lastNumber = 0;

/** A reply to an aborted call, which is never read. */
const noReply: CallReply = { text: '', usage: undefined, steps: undefined };

/**
 * Makes the addon's side of a runtime. Its callbacks live as long as it does, so they must not keep it alive.
 *
 * @throws {@link HookcellError} `ERR_CACHE_DIR`, or `ERR_INTERNAL` if the machine cannot run WebAssembly
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
    const made = new NativeRuntime(wake, queue, limits, codeCache);
    native = new WeakRef(made);
    return made;
  } catch (cause) {
    throw constructionError(cause);
  }
}

/** The calls of one runtime that the addon has: those that wait in its queue, and those that run. */
export class HookCalls {
  readonly #native: NativeRuntime;
  readonly #timer: QueueTimer;
  readonly #underWay = new UnderWay();

  constructor(native: NativeRuntime) {
    this.#native = native;
    this.#timer = new QueueTimer(native);
  }

  /**
   * Queues a call, or runs it at once if it is inline, and resolves with what `read` makes of its reply, which may be a
   * refusal. `read` never runs before this returns if it has anything to report.
   *
   * The text of the context is freed when this returns. An async function would hold it until the call ends, though the
   * addon already has a copy, and would make more promises. A recorder keeps it with `keep`.
   *
   * @throws {@link HookcellError} at once if the runtime is closed
   * @throws the signal's reason
   */
  begin<T>(
    context: CheckedContext<object, unknown>,
    options: ParsedCallOptions,
    submit: Submit,
    read: (reply: CallReply) => T,
    keep?: (text: string) => void,
  ): Promise<T> {
    this.refuseIfClosed();
    const text = encodeContext(context);
    keep?.(text);
    const { signal } = options;
    if (signal?.aborted) {
      throw signal.reason;
    }
    const number = (lastNumber += 1);
    const ended = this.#submit(number, text, submit, options);
    if (ended !== undefined) {
      // No log and no subscriber may run inside a call. An empty text has nothing for them, and needs one promise fewer.
      return ended.text === '' && keep === undefined ? Promise.resolve(read(ended)) : Promise.resolve(ended).then(read);
    }
    const underWay = this.#underWay;
    underWay.begin();
    let forget: (() => void) | undefined;
    const replied = new Promise<CallReply>((resolve, reject) => {
      waitForReply(number, { underWay, resolve });
      forget = signal && onAbort(signal, () => this.#abort(number, signal, reject));
    });
    // Not where replies are delivered: a signal of the user's own may throw, and that must not reach other calls.
    // `read` runs with the caller's own `AsyncLocalStorage`, which the delivery of replies does not have.
    return (forget === undefined ? replied : replied.finally(forget)).then(read);
  }

  /** @throws {@link HookcellError} `ERR_CLOSED` after {@link HookCalls.close} */
  refuseIfClosed(): void {
    this.#underWay.refuseIfClosed();
  }

  /** Refuses new calls, and resolves when the addon has no call left, including aborted ones. */
  close(): Promise<void> {
    return this.#underWay.close();
  }

  /** Gives the addon a call. Returns its reply if the call has ended already. */
  #submit(number: number, text: string, submit: Submit, options: ParsedCallOptions): CallReply | undefined {
    const triesInline = mayRunInline();
    const start = triesInline ? performance.now() : 0;
    let taken: number | string;
    try {
      taken = submit(number, text, callSettings(options), triesInline ? replyNumbers : undefined);
    } catch (cause) {
      throw internalError(cause);
    }
    if (triesInline) {
      countInlineTime(start, typeof taken === 'string' ? taken.length : 0);
    }
    if (typeof taken === 'number') {
      this.#timer.pollWithin(taken);
      return undefined;
    }
    return triesInline ? replyAt(BATCH_HEAD, taken, 'inline') : { text: taken, usage: undefined, steps: undefined };
  }

  #abort(number: number, signal: AbortSignal, reject: (reason: unknown) => void): void {
    reject(signal.reason);
    if (this.#native.cancel(number)) {
      // The call never ran, so the addon sends no reply.
      deliver(number, noReply);
    }
  }
}

/** The settings of most calls of a server: they have a signal, and nothing else. */
const onlyCancellable = '{"cancellable":true}';

/** As JSON, because the addon reads a text faster than an object. */
function callSettings({ limits, queueTimeoutMs, signal, tenant, grants }: ParsedCallOptions): string | undefined {
  const cancellable = signal !== undefined;
  if (limits === undefined && queueTimeoutMs === undefined && tenant === undefined && grants === undefined) {
    return cancellable ? onlyCancellable : undefined;
  }
  return JSON.stringify({ limits, queueTimeoutMs, tenant, cancellable, grants: grants?.settings });
}
