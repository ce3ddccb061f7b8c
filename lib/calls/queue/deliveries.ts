import { setImmediate } from 'node:timers';

import { takeReplies } from './batch.js';
import type { NativeRuntime } from '../../native.js';
import { deliver } from './waiting-calls.js';

/**
 * The most time in one turn of the event loop for delivering replies, in milliseconds. It includes parsing their JSON and
 * running the code that awaits them.
 */
const TURN_MS = 8;

/** The most text to deliver for each millisecond left of a turn, because its cost is not known in advance. */
const BYTES_PER_MS = 16_384;

/** Microtasks after which most code that awaits a reply has continued. */
const TICKS = 8;

/** The runtimes of this thread that have replies to deliver, in turn. The list must not keep them alive. */
const due: WeakRef<NativeRuntime>[] = [];
let isScheduled = false;

/** The addon calls this when a runtime has replies. They are delivered on the next turn of the event loop. */
export function deliverSoon(native: WeakRef<NativeRuntime>): void {
  due.push(native);
  schedule();
}

/** All runtimes share one immediate: Node.js runs every pending one before it does anything else. */
function schedule(): void {
  if (!isScheduled) {
    isScheduled = true;
    setImmediate(() => void deliverAll());
  }
}

/** Delivers replies until there are none left, or the turn has been long enough. */
async function deliverAll(): Promise<void> {
  const start = performance.now();
  /** Consecutive runtimes whose next reply does not fit. */
  let passedOver = 0;
  let isFirst = true;
  try {
    while (passedOver < due.length) {
      const left = TURN_MS - (performance.now() - start);
      if (!isFirst && left <= 0) {
        break;
      }
      const next = due.shift() as WeakRef<NativeRuntime>;
      const native = next.deref();
      const taken = native && takeReplies(native, Math.max(0, left) * BYTES_PER_MS, isFirst, deliver);
      if (taken?.isLeft === true) {
        due.push(next);
      }
      if (taken === undefined || taken.count === 0) {
        passedOver = taken?.isLeft === true ? passedOver + 1 : passedOver;
        continue;
      }
      passedOver = 0;
      isFirst = false;
      // Code that awaits the replies runs now, and its time counts.
      for (let tick = 0; tick < TICKS; tick += 1) {
        await undefined;
      }
    }
  } finally {
    isScheduled = false;
    if (due.length > 0) {
      schedule();
    }
  }
}
