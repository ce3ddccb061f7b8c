import { isMainThread } from 'node:worker_threads';

import { cancelAllOfProcess } from '../native.js';
import { sharedState } from '../shared-state.js';

/** The addon's side of a runtime or a builder. */
interface Interrupted {
  cancelAll(): void;
}

const interrupted = new Set<WeakRef<Interrupted>>();
const collected = new FinalizationRegistry<WeakRef<Interrupted>>((reference) => interrupted.delete(reference));

/**
 * Interrupts the hooks of a runtime, or the builds of a builder, when its worker thread ends. Node.js waits for everything in
 * libuv's pool, so a looping plugin would delay the end until its deadline.
 */
export function interruptAtExit(native: Interrupted): void {
  if (!isMainThread) {
    const reference = new WeakRef(native);
    interrupted.add(reference);
    collected.register(native, reference);
  }
}

function interruptAll(): void {
  for (const reference of interrupted) {
    reference.deref()?.cancelAll();
  }
}

// All copies of this package share one listener: a test runner that loads a copy for every test would otherwise get
// Node's warning about a leak.
const interrupters = sharedState('exit-interrupters/1', () => {
  const all = new Set<() => void>();
  process.on('exit', () => {
    for (const interrupt of all) {
      interrupt();
    }
  });
  return all;
});

// The end of the main thread ends the process, and its worker threads then get no `exit` event.
interrupters.add(isMainThread ? cancelAllOfProcess : interruptAll);
