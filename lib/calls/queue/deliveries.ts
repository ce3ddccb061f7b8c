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

/**
 * The most deliveries in one turn of the event loop that begin as soon as the addon calls, and the most time that they may have
 * taken before another begins so. A delivery on the next turn costs one more look at the system's events.
 */
const MOST_AT_ONCE = 4;
const MOST_AT_ONCE_MS = TURN_MS / 4;

/** Microtasks after which most code that awaits a reply has continued. */
const TICKS = 8;

/** The runtimes of this thread that have replies to deliver, in turn. The list must not keep them alive. */
const due: WeakRef<NativeRuntime>[] = [];
/** A delivery is under way, or scheduled. */
let isScheduled = false;
/** Deliveries since the last turn that began one, and their time in milliseconds. */
let atOnce = 0;
let atOnceMs = 0;

/**
 * The addon calls this when a runtime has replies. They are delivered now, or on the next turn of the event loop. Always to deliver
 * them now would hold up the loop for good: who gets a reply makes the next call, whose reply comes before the loop turns.
 */
export function deliverSoon(native: WeakRef<NativeRuntime>): void {
  due.push(native);
  if (atOnce >= MOST_AT_ONCE || atOnceMs >= MOST_AT_ONCE_MS) {
    schedule();
  } else if (!isScheduled) {
    isScheduled = true;
    atOnce += 1;
    void deliverAll();
  }
}

/** All runtimes share one immediate: Node.js runs every pending one before it does anything else. */
function schedule(): void {
  if (!isScheduled) {
    isScheduled = true;
    setImmediate(deliverInTurn);
  }
}

function deliverInTurn(): void {
  atOnce = 0;
  atOnceMs = 0;
  void deliverAll();
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
    atOnceMs += performance.now() - start;
    if (due.length > 0) {
      schedule();
    }
  }
}
