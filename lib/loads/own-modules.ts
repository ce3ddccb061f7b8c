import { sharedState } from '../shared-state.js';

/** Bytes of modules that hookcell itself has assembled. */
const ownModules = sharedState('own-modules/1', () => new WeakSet<Uint8Array>());

/** Marks bytes as a module of our own making: nobody else's code, so no process is needed to compile it. */
export function markOwnModule<T extends Uint8Array>(bytes: T): T {
  ownModules.add(bytes);
  return bytes;
}

/** Whether hookcell has assembled these very bytes. */
export function isOwnModule(bytes: Uint8Array): boolean {
  return ownModules.has(bytes);
}
