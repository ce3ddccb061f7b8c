import { isMainThread } from 'node:worker_threads';

import { cancelAllOfProcess } from './native.js';
import type { NativeRuntime } from './native.js';
import { sharedState } from './shared-state.js';

const runtimes = new Set<WeakRef<NativeRuntime>>();
const collected = new FinalizationRegistry<WeakRef<NativeRuntime>>((reference) => runtimes.delete(reference));

/**
 * Interrupts the hooks of a runtime when its worker thread ends. Node.js waits for everything in libuv's pool, so a looping
 * plugin would delay the end until its deadline.
 */
export function interruptAtExit(native: NativeRuntime): void {
  if (!isMainThread) {
    const reference = new WeakRef(native);
    runtimes.add(reference);
    collected.register(native, reference);
  }
}

function interruptAll(): void {
  for (const reference of runtimes) {
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
