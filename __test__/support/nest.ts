import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { HookcellModule } from 'hookcell/nest';
import type { HookcellModuleOptions } from 'hookcell/nest';

/** Each platform that Nest has for HTTP. */
export const platforms = {
  Express: () => new ExpressAdapter(),
  // Keys `__proto__` are for the hooks to refuse, as on Express.
  Fastify: () => new FastifyAdapter({ onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' }),
};

/** The name of a platform. */
export type Platform = keyof typeof platforms;

/** What a test's application is made of. */
export interface Served {
  controllers?: Type[];
  providers?: object[];
  hookcell?: HookcellModuleOptions;
  module?: DynamicModule;
  platform?: Platform;
  /** Changes the testing module before it is compiled. */
  override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** Changes the application before it starts. */
  prepare?: (app: INestApplication) => void;
}

const apps: INestApplication[] = [];

/** Makes an application, and does not start it. */
export async function makeApp({
  controllers = [],
  providers = [],
  hookcell = {},
  module = HookcellModule.forRoot(hookcell),
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

/** Starts an application; resolves its address. */
export async function serveNest(served: Served): Promise<string> {
  const app = await makeApp(served);
  apps.push(app);
  await app.listen(0, '127.0.0.1');
  return `${await app.getUrl()}/`;
}

/** Stops whatever was started. */
export async function closeApps(): Promise<void> {
  await Promise.all(apps.splice(0).map((app) => app.close()));
}
