import { kindOf } from '../values/value-kind.js';
import { checkWellFormed } from '../values/well-formed.js';

/** The hooks of the plugin contract, or any other export of the same signature. */
export type HookName = 'before_hook' | 'after_hook' | (string & Record<never, never>);

/** Refuses anything that is not a name. The addon knows whether a plugin has the hook. */
export function checkHookName(hook: unknown): void {
  if (typeof hook !== 'string') {
    throw new TypeError(`the hook must be a string, got ${kindOf(hook)}`);
  }
  checkWellFormed('the hook', hook);
}
