import type { Caller } from '../calls/caller.js';
import type { JsonValue } from '../values/json.js';
import type { HookName } from '../calls/hook-name.js';
import type { CallLimits } from '../options/call-options.js';
import type { GrantOptions } from '../grants/grants.js';
import type { PolicyOptions } from './failure/policy.js';
import type { NativeHook } from './native-hook.js';
import type { PluginChoice } from './choice/plugin-choice.js';

/** A plugin among the hooks, with how it is called. */
export interface PluginStep extends PolicyOptions, CallLimits, Omit<GrantOptions, 'config'> {
  /**
   * A plugin that is loaded when the server starts (see `lateLoading`), or a function that chooses one for the caller, such
   * as a plugin for each tenant; `undefined` chooses none. What a function chooses is not looked up at the start.
   */
  plugin: string | URL | ((caller: Caller) => string | URL | undefined);
  /** The export to call. Default `before_hook` before the handler, and `after_hook` after it. */
  hook?: HookName | undefined;
  /**
   * The plugin's configuration in these calls, over that of its load, or a function that chooses one for the caller, such as one for
   * each tenant; `undefined` leaves that of the load. What a function chooses is read at each request. Default that of the load.
   */
  config?: JsonValue | ((caller: Caller) => JsonValue | undefined) | undefined;
}

/** One hook: a plugin, a function of the server, or a plugin set, which stands for the plugins that it has for the request. */
export type HookStep<I extends object, D, S extends object> =
  | string
  | URL
  | PluginStep
  | PluginChoice
  | NativeHook<I, D, S>;

/** Hooks in the order in which they run, on the same context. Plugins that follow one another are called in one hop. */
export type HookChain<I extends object, D, S extends object> = HookStep<I, D, S> | readonly HookStep<I, D, S>[];
