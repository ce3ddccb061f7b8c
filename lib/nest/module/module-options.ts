import type { SandboxConfig } from 'hookcell';

import type { PluginSource } from '../../hooks/options/plugin-source.js';
import type { HookRequest, UseHooksOptions } from '../decorator/use-hooks-options.js';

/** Where {@link HookcellModuleOptions} are injected from. */
export const MODULE_OPTIONS = Symbol.for('hookcell:module-options');

/** What a controller's hooks look for, so that they never stand without a module that runs them, of whichever copy. */
export const HOOKED_ROUTES = Symbol.for('hookcell:hooked-routes');

/** What holds for all hooks of an application, unless they say otherwise. */
export type HookDefaults = Omit<UseHooksOptions<HookRequest, any, any, any, any, any>, 'before' | 'after' | 'schema'>;

/** What {@link HookcellModule} takes. */
export interface HookcellModuleOptions {
  /** Limits, queue, code cache and log of the runtime. Default: those that each option documents. */
  config?: SandboxConfig | undefined;

  /** Loaded when the application starts, which fails where one of them does not load. Default none. */
  plugins?: readonly PluginSource[] | undefined;

  /** What hooks have where `@UseHooks` says nothing else: who the caller is, what becomes of failures. Default nothing. */
  hooks?: HookDefaults | undefined;
}
