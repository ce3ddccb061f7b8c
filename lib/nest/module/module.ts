import { ConfigurableModuleBuilder, Inject, Module } from '@nestjs/common';
import type { DynamicModule, NestInterceptor, NestModule } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, DiscoveryModule, ModuleRef } from '@nestjs/core';

import { hookOptionNames } from '../../hooks/options/hook-options.js';
import { refuseUnknownOptions } from '../../hooks/options/option-names.js';
import { HookExceptionFilter } from '../exception-filter.js';
import { HooksInterceptor } from '../interceptor.js';
import { HOOKED_ROUTES, MODULE_OPTIONS } from './module-options.js';
import type { HookcellModuleOptions } from './module-options.js';
import { HookedRoutes } from '../hooked-routes.js';
import { HookcellService, otherServices } from './service.js';

/** The part of Nest's `NestContainer` that is needed here. It cannot be injected. */
interface Container {
  readonly applicationConfig?: { getGlobalInterceptors(): NestInterceptor[] } | undefined;
}

/** Further options of the module, also given to `forRoot` and `forRootAsync`. */
export interface HookcellModuleExtras {
  /** Whether {@link HookExceptionFilter} responds if hooks end a request. Default `true`. `false` leaves that to your own filters. */
  problemFilter?: boolean | undefined;
}

const {
  ConfigurableModuleClass,
  OPTIONS_TYPE: _OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE: _ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<HookcellModuleOptions>({ optionsInjectionToken: MODULE_OPTIONS })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createHookcellOptions')
  .setExtras<HookcellModuleExtras>({ problemFilter: true }, (definition, { problemFilter }) => ({
    ...definition,
    global: true,
    imports: [...(definition.imports ?? []), DiscoveryModule],
    providers: [
      ...(definition.providers ?? []),
      {
        provide: HookcellService,
        useFactory: startService,
        inject: [MODULE_OPTIONS],
      },
      HookedRoutes,
      { provide: HOOKED_ROUTES, useExisting: HookedRoutes },
      ...otherServices().map((service) => ({ provide: service, useExisting: HookcellService })),
      { provide: APP_INTERCEPTOR, useClass: HooksInterceptor },
      ...(problemFilter === false ? [] : [{ provide: APP_FILTER, useClass: HookExceptionFilter }]),
    ],
    exports: [HookcellService, HOOKED_ROUTES, ...otherServices()],
  }))
  .build();

/**
 * Adds the runtime to an application, loads its plugins, and makes `@UseHooks` work. Import it once. It is global:
 * {@link HookcellService} can be injected everywhere.
 *
 * ```ts
 * @Module({ imports: [HookcellModule.forRoot({ plugins: ['./plugins/validate_email.wasm'] })] })
 * class AppModule {}
 * ```
 */
@Module({})
export class HookcellModule extends ConfigurableModuleClass implements NestModule {
  readonly #container: Container | undefined;

  /** @internal */
  constructor(@Inject(ModuleRef) moduleRef: ModuleRef) {
    super();
    this.#container = Reflect.get(moduleRef, 'container') as Container | undefined;
  }

  /**
   * Puts the hooks around all other interceptors: one that responds from a cache would keep them from running. Nest calls this
   * when it has all global interceptors, and before it gives them to its routes.
   *
   * @internal
   */
  configure(): void {
    const interceptors = this.#container?.applicationConfig?.getGlobalInterceptors();
    const index = interceptors?.findIndex((interceptor) => interceptor instanceof HooksInterceptor) ?? -1;
    if (interceptors === undefined || index < 0) {
      throw new Error(
        'HookcellModule cannot put its hooks around other interceptors: its options must not be request-scoped',
      );
    }
    interceptors.unshift(...interceptors.splice(index, 1));
  }

  /**
   * @param options - the runtime, its plugins, and defaults for all hooks
   * @returns a module. Its start fails with a `TypeError` or `RangeError` if an option is wrong, and with an error that names
   * the plugin if one does not load
   */
  static override forRoot(options: typeof _OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * The same with options that are made when the application starts: by `useFactory`, which gets what `inject` names, or by
   * `createHookcellOptions` of a class (`useClass`) or a provider (`useExisting`).
   */
  static override forRootAsync(options: typeof _ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }
}

function startService(options: HookcellModuleOptions): Promise<HookcellService> {
  refuseUnknownOptions('the options of HookcellModule', options, ['config', 'plugins', 'hooks']);
  const { config, plugins, hooks = {} } = options;
  const names = hookOptionNames.filter((name) => !['before', 'after', 'schema'].includes(name));
  refuseUnknownOptions('hooks', hooks, names);
  return HookcellService.start(config, plugins);
}
