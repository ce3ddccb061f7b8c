import type { NativeRuntime } from './native.js';

const runtimes = new Set<WeakRef<NativeRuntime>>();
const collected = new FinalizationRegistry<WeakRef<NativeRuntime>>((reference) => runtimes.delete(reference));
let isListening = false;

/**
 * Interrupts the hooks of a runtime when the process ends, or the worker thread whose it is: Node waits for what runs
 * in libuv's pool, and would wait for a plugin that loops until its deadline.
 */
export function interruptAtExit(native: NativeRuntime): void {
  const reference = new WeakRef(native);
  runtimes.add(reference);
  collected.register(native, reference);
  if (!isListening) {
    isListening = true;
    // One for all, since Node takes many for a leak.
    process.on('exit', interruptAll);
  }
}

function interruptAll(): void {
  for (const reference of runtimes) {
    reference.deref()?.cancelAll();
  }
}
