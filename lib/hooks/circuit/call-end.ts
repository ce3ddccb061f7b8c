import type { CallEnd } from './circuit.js';

/** How the call of the plugin at this index ended, if so many of them were called. */
export function endOf(index: number, called: number, faulted: boolean): CallEnd {
  if (index >= called) {
    return 'unused';
  }
  return faulted && index === called - 1 ? 'faulted' : 'returned';
}
