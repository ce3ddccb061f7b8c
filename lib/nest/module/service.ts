import { WasmRuntime } from 'hookcell';
import type { SandboxConfig } from 'hookcell';
import type { OnApplicationShutdown, Type } from '@nestjs/common';

import { nestLog } from './nest-log.js';
import { sharedState } from '../../shared-state.js';
import { hookStats } from '../../hooks/failure/hook-stats.js';
import type { HookStats } from '../../hooks/failure/hook-stats.js';
import { loadPlugins } from '../../hooks/options/plugin-source.js';
import type { PluginSource } from '../../hooks/options/plugin-source.js';

/**
 * The runtime of an application. Inject it to call, load or list plugins yourself. A test may replace it with a stand-in that
 * only has `callHook`, which `@UseHooks` then calls.
 *
 * It closes after the last request of the application: on `app.close()`, and on a signal if `app.enableShutdownHooks()` is on.
 */
export class HookcellService extends WasmRuntime implements OnApplicationShutdown {
  /**
   * Makes a service whose plugins are loaded.
   *
   * @throws an error that names the plugin and the reason, if one does not load
   */
  static async start(config?: SandboxConfig, plugins?: readonly PluginSource[]): Promise<HookcellService> {
    const service = new HookcellService({ ...config, logger: config?.logger ?? nestLog });
    try {
      await loadPlugins(service, plugins);
    } catch (error) {
      await service.close();
      throw error;
    }
    return service;
  }

  /** What the hooks of the application passed over and which calls they did not make: for a metrics endpoint. */
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

/** The same class in other copies of this package. This copy's service is provided for each of them. */
export function otherServices(): Type[] {
  return [...services].filter((service) => service !== HookcellService);
}
