import { parseCallOptions } from '../call-options.js';
import type { CallOptions } from '../call-options.js';
import { pluginKey } from '../plugin-key.js';
import type { HookName } from '../hook-name.js';
import { kindOf } from '../value-kind.js';
import { refuseUnknownOptions } from './option-names.js';

/** A plugin with the hook to call and how. */
export interface HookTarget {
  /** A plugin that is loaded when the first request comes. */
  plugin: string | URL;
  /** The export to call. Default `before_hook` for `before`, and `after_hook` for `after`. */
  hook?: HookName | undefined;
  /** How each call is made. */
  options?: CallOptions | undefined;
}

/** A target with its defaults. */
export interface Hook {
  plugin: string;
  hook: HookName;
  options: CallOptions | undefined;
}

/** Reads a target once, so that a wrong one fails where it is written and not at the first request. */
export function parseTarget(option: string, target: unknown, hook: HookName): Hook | undefined {
  if (target === undefined) {
    return undefined;
  }
  if (typeof target === 'string' || target instanceof URL) {
    return { plugin: pluginKey(target), hook, options: undefined };
  }
  if (typeof target !== 'object' || target === null || Array.isArray(target)) {
    throw new TypeError(`${option} must be a plugin, or an object with one, got ${kindOf(target)}`);
  }
  refuseUnknownOptions(option, target, ['plugin', 'hook', 'options']);
  const given = target as Partial<HookTarget>;
  if (given.hook !== undefined && typeof given.hook !== 'string') {
    throw new TypeError(`${option}.hook must be a string, got ${kindOf(given.hook)}`);
  }
  parseCallOptions(given.options);
  return { plugin: pluginKey(given.plugin as string | URL), hook: given.hook ?? hook, options: given.options };
}
