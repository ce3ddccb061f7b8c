import { isMainThread } from 'node:worker_threads';

import { cancelAllOfProcess } from './native.js';
import type { NativeRuntime } from './native.js';
import { sharedState } from './shared-state.js';

const runtimes = new Set<WeakRef<NativeRuntime>>();
const collected = new FinalizationRegistry<WeakRef<NativeRuntime>>((reference) => runtimes.delete(reference));

/**
 * Interrupts the hooks of a runtime when the worker thread ends whose it is: Node waits for what runs in libuv's pool, and
 * would wait for a plugin that loops until its deadline.
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

// One listener for all copies of this package, each with an addon of its own: a test runner that loads it anew for every
// test would be told of a leak.
const interrupters = sharedState('exit-interrupters/1', () => {
  const all = new Set<() => void>();
  process.on('exit', () => {
    for (const interrupt of all) {
      interrupt();
    }
  });
  return all;
});

// With the main thread the process ends, and its worker threads are not asked: they get no `exit` event then.
interrupters.add(isMainThread ? cancelAllOfProcess : interruptAll);
