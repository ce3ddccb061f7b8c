import { sharedState } from '../shared-state.js';

/** Bytes of modules that hookcell itself assembled. */
const ownModules = sharedState('own-modules/1', () => new WeakSet<Uint8Array>());

/** Marks bytes as a module that hookcell assembled, which needs no child process to compile. */
export function markOwnModule<T extends Uint8Array>(bytes: T): T {
  ownModules.add(bytes);
  return bytes;
}

/** Whether hookcell assembled this array of bytes; a copy of it does not count. */
export function isOwnModule(bytes: Uint8Array): boolean {
  return ownModules.has(bytes);
}
