import type { SandboxConfig } from 'hookcell';

import type { PluginSource } from '../../hooks/options/plugin-source.js';
import type { HookRequest, UseHooksOptions } from '../decorator/use-hooks-options.js';

/** The injection token of {@link HookcellModuleOptions}. */
export const MODULE_OPTIONS = Symbol.for('hookcell:module-options');

/** The injection token that a controller with hooks requires, so that a module of this or another copy runs them. */
export const HOOKED_ROUTES = Symbol.for('hookcell:hooked-routes');

/** Defaults for all hooks of an application. */
export type HookDefaults = Omit<UseHooksOptions<HookRequest, any, any, any, any, any>, 'before' | 'after' | 'schema'>;

/** The options of {@link HookcellModule}. */
export interface HookcellModuleOptions {
  /** Limits, queue, code cache and log of the runtime. Default: those that each option documents. */
  config?: SandboxConfig | undefined;

  /** Plugins to load when the application starts. If one cannot be loaded, it does not start. Default none. */
  plugins?: readonly PluginSource[] | undefined;

  /** Defaults for the options of `@UseHooks`: who the caller is, what failures do. Default none. */
  hooks?: HookDefaults | undefined;
}
