import { WasmRuntime } from 'hookcell';
import type { SandboxConfig } from 'hookcell';
import type { OnApplicationShutdown, Type } from '@nestjs/common';

import { sharedState } from '../../shared-state.js';
import { hookStats } from '../../hooks/failure/hook-stats.js';
import type { HookStats } from '../../hooks/failure/hook-stats.js';
import { loadPlugins } from '../../hooks/options/plugin-source.js';
import type { PluginSource } from '../../hooks/options/plugin-source.js';

/**
 * The runtime of an application, to inject where plugins are called, loaded or looked at by hand. `@UseHooks` calls its
 * `callHook`, so a test may put a stand-in with that one method in its place.
 *
 * It closes when the application has answered its last request: on `app.close()`, and on a signal where
 * `app.enableShutdownHooks()` is on.
 */
export class HookcellService extends WasmRuntime implements OnApplicationShutdown {
  /**
   * Makes a service whose plugins are loaded.
   *
   * @throws where one of them does not load, an error that names it and says why
   */
  static async start(config?: SandboxConfig, plugins?: readonly PluginSource[]): Promise<HookcellService> {
    const service = new HookcellService(config);
    try {
      await loadPlugins(service, plugins);
    } catch (error) {
      await service.close();
      throw error;
    }
    return service;
  }

  /** What the hooks of the application passed over or held back: for a metrics endpoint. */
  hookStats(): HookStats {
    return hookStats(this);
  }

  /** @internal */
  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}

const services = sharedState('nest-services/1', () => new Set<Type>());
services.add(HookcellService);

/** The classes of the same name in other copies of this package: what asks for one of them is given this copy's service. */
export function otherServices(): Type[] {
  return [...services].filter((service) => service !== HookcellService);
}
