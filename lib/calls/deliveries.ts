import { setImmediate } from 'node:timers';

import type { NativeRuntime } from '../native.js';

/**
 * The longest that replies are handed over in one turn of the event loop, in milliseconds: with what is done with them
 * there and then, the parsing of their JSON and whatever awaits them.
 */
const TURN_MS = 8;

/** The most text that is handed over for each millisecond that is left of a turn: what it takes is not known before. */
const BYTES_PER_MS = 16_384;

/** Microtasks after which most that await a reply have gone on. */
const TICKS = 8;

/** The runtimes of this thread that have replies to hand over, in turn. The addon must not keep them, so neither does this. */
const due: WeakRef<NativeRuntime>[] = [];
let isScheduled = false;

/** What the addon calls when a runtime has replies. They come when the event loop has turned. */
export function deliverSoon(native: WeakRef<NativeRuntime>): void {
  due.push(native);
  schedule();
}

/** One for all runtimes: Node lets in as many as there are before it looks at anything else. */
function schedule(): void {
  if (!isScheduled) {
    isScheduled = true;
    setImmediate(() => void deliver());
  }
}

/** Hands over replies until there are none, or the turn has been long enough. */
async function deliver(): Promise<void> {
  const start = performance.now();
  /** Runtimes in a row whose replies no longer fit. */
  let passedOver = 0;
  let isFirst = true;
  try {
    while (passedOver < due.length) {
      const left = TURN_MS - (performance.now() - start);
      if (!isFirst && left <= 0) {
        break;
      }
      const next = due.shift() as WeakRef<NativeRuntime>;
      const taken = next.deref()?.takeReplies(Math.max(0, left) * BYTES_PER_MS, isFirst);
      if (taken?.isLeft === true) {
        due.push(next);
      }
      if (taken === undefined || taken.count === 0) {
        passedOver = taken?.isLeft === true ? passedOver + 1 : passedOver;
        continue;
      }
      passedOver = 0;
      isFirst = false;
      // Whoever awaits the replies goes on now, and that counts.
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
