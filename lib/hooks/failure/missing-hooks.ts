import { realpathSync } from 'node:fs';

import { HookcellError } from '../../errors.js';
import type { PluginInfo } from '../../loads/plugin-info.js';
import type { ParsedPluginStep } from '../parsed-step.js';
import type { HookCaller } from '../hook-caller.js';

/** A hook that is declared and cannot be called. */
export interface MissingHook {
  readonly code: 'ERR_NOT_LOADED' | 'ERR_NO_HOOK';
  /** What is missing, and where it is declared. */
  readonly text: string;
}

/** What a runtime has loaded, read once. */
export class LoadedPlugins {
  readonly #runtime: HookCaller;
  #infos: Map<string, PluginInfo> | undefined;

  constructor(runtime: HookCaller) {
    this.#runtime = runtime;
  }

  /** Whether the plugin is loaded. A stand-in that cannot tell is taken to have it. */
  has(plugin: string): boolean {
    return this.#runtime.isLoaded?.(plugin) !== false;
  }

  /** The hooks of a plugin, if they are known. */
  hooksOf(plugin: string): readonly string[] | undefined {
    this.#infos ??= new Map((this.#runtime.plugins?.() ?? []).map((info) => [info.key, info]));
    return (this.#infos.get(plugin) ?? this.#infos.get(fileKey(plugin)))?.hooks;
  }
}

/**
 * Looks up those plugins that are known before any request.
 *
 * @param owner - whose hooks these are, for an error
 * @param lateLoading - whether a plugin may be loaded later
 */
export function missingHooks(
  owner: string,
  steps: readonly ParsedPluginStep[],
  loaded: LoadedPlugins,
  lateLoading: boolean,
): MissingHook[] {
  return steps.flatMap(({ name, plugin, hook }): MissingHook[] => {
    if (typeof plugin === 'function') {
      return [];
    }
    const { key } = plugin;
    if (!loaded.has(key)) {
      const text = `${owner}: ${name} calls ${JSON.stringify(key)}, which is not loaded`;
      return lateLoading ? [] : [{ code: 'ERR_NOT_LOADED', text }];
    }
    const hooks = loaded.hooksOf(key);
    if (hooks === undefined || hooks.includes(hook)) {
      return [];
    }
    const text = `${owner}: ${name} calls ${JSON.stringify(hook)} of ${JSON.stringify(key)}, which has ${listed(hooks)}`;
    return [{ code: 'ERR_NO_HOOK', text }];
  });
}

/** @throws {@link HookcellError} that lists everything that is missing */
export function refuseMissing(missing: readonly MissingHook[]): void {
  const [first, second] = missing;
  if (first === undefined) {
    return;
  }
  const { code } = missing.find((hook) => hook.code === 'ERR_NOT_LOADED') ?? first;
  const texts = second === undefined ? first.text : missing.map(({ text }) => `\n- ${text}`).join('');
  const advice =
    code === 'ERR_NOT_LOADED' ? ' (load plugins first, or set lateLoading: true if they are loaded later)' : '';
  throw new HookcellError(code, `hooks that would fail every request: ${texts}${advice}`);
}

/** The key that a runtime gives a plugin of this path. */
export function fileKey(plugin: string): string {
  try {
    return realpathSync.native(plugin);
  } catch {
    return plugin;
  }
}

/** Names that a plugin chose: at most ten, and only plain ones. */
function listed(hooks: readonly string[]): string {
  const names = hooks.filter((hook) => /^\w{1,64}$/.test(hook)).slice(0, 10);
  return names.length === 0 ? 'no such hook' : `only ${names.join(', ')}`;
}
