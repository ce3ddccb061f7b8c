import Fastify from 'fastify';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { WasmRuntime } from 'hookcell';
import { hookcell } from 'hookcell/fastify';
import type { HookcellOptions } from 'hookcell/fastify';

/** Makes applications, and closes them after each test. */
export function appsOf(runtime: WasmRuntime) {
  const apps: FastifyInstance[] = [];
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });

  function makeApp(options: FastifyServerOptions = {}): FastifyInstance {
    const app = Fastify(options);
    apps.push(app);
    return app;
  }

  /** An application whose hooks are called in the runtime, unless an option says otherwise. */
  async function hookedApp(options: HookcellOptions = {}): Promise<FastifyInstance> {
    const app = makeApp();
    await app.register(hookcell, { runtime, logger: false, ...options });
    return app;
  }

  return { makeApp, hookedApp };
}

/** Posts JSON to an application without a connection. */
export async function post(app: FastifyInstance, url: string, body: object = {}) {
  const { statusCode: status, body: text, headers } = await app.inject({ method: 'POST', url, payload: body });
  return { status, body: text === '' ? undefined : JSON.parse(text), type: headers['content-type'] };
}
