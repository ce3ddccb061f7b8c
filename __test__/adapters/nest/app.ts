import { Body, Controller, Post } from '@nestjs/common';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { HookcellModule, UseHooks } from 'hookcell/nest';
import type { HookcellModuleOptions, UseHooksOptions } from 'hookcell/nest';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

/** Options of hooks for requests and contexts of any shape. */
export type AnyHooks = UseHooksOptions<any, any, any, any, any, any>;

/** Each HTTP platform of Nest. */
export const platforms = {
  Express: () => new ExpressAdapter(),
  // Keys `__proto__` are for the hooks to refuse, as on Express.
  Fastify: () => new FastifyAdapter({ onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' }),
};

/** The name of a platform. */
export type Platform = keyof typeof platforms;

/** Plugins named after what they do, and nothing on the console. */
export const hookcell: HookcellModuleOptions = {
  plugins: [
    { name: 'yes', bytes: pluginAnswering({ ok: true }) },
    { name: 'no', bytes: pluginAnswering({ ok: false, error: 'not today', details: [{ field: 'email' }] }) },
    { name: 'email', bytes: pluginAnswering({ ok: true, ctx: { input: { email: 'ada@example.com' } } }) },
    { name: 'broken-email', bytes: pluginAnswering({ ok: true, ctx: { input: { email: 'ada' } } }) },
    { name: 'enrich', bytes: pluginAnswering({ ok: true, ctx: { data: { rich: true } } }) },
    { name: 'crash', bytes: pluginFailing() },
  ],
  config: { logger: false },
  hooks: { logger: false, circuitBreaker: false },
};

/** The parts of a test's application. */
export interface Served {
  controllers?: Type[];
  providers?: object[];
  /** Default {@link hookcell}. */
  hookcell?: HookcellModuleOptions;
  module?: DynamicModule;
  platform?: Platform;
  /** Changes the testing module before it is compiled. */
  override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** Changes the application before it starts. */
  prepare?: (app: INestApplication) => void;
}

const apps: INestApplication[] = [];

/** Makes an application without starting it. */
export async function makeApp({
  controllers = [],
  providers = [],
  hookcell: options = hookcell,
  module = HookcellModule.forRoot(options),
  platform = 'Express',
  override = (builder) => builder,
  prepare,
}: Served): Promise<INestApplication> {
  const builder = Test.createTestingModule({ imports: [module], controllers, providers: providers as Type[] });
  const testing = await override(builder).compile();
  const app = testing.createNestApplication(platforms[platform](), { logger: false });
  prepare?.(app);
  return app;
}

/** Starts an application, and resolves with its address. */
export async function serveNest(served: Served): Promise<string> {
  const app = await makeApp(served);
  apps.push(app);
  await app.listen(0, '127.0.0.1');
  return `${await app.getUrl()}/`;
}

/** Stops every started application. */
export async function closeApps(): Promise<void> {
  await Promise.all(apps.splice(0).map((app) => app.close()));
}

/** A controller of `POST /` with hooks that responds with its input. */
export function echoController(hooks: AnyHooks): Type {
  @Controller()
  class EchoController {
    @Post()
    @UseHooks(hooks)
    echo(@Body() input: unknown) {
      return { got: input };
    }
  }
  return EchoController;
}
