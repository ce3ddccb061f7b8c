// Every adapter's behaviors with a plugin set, for hooks without a framework in a server of Node.js.

import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { WasmRuntime } from 'hookcell';
import { createHooks, HookProblem } from 'hookcell/hooks';
import type { HooksOptions } from 'hookcell/hooks';

import type { Driver, Options } from '../behaviors/driver';
import { loadPlugins } from '../behaviors/plugins';
import { testSets } from '../behaviors/sets';
import { TestServer } from '../behaviors/test-server';

interface Context {
  request: IncomingMessage;
  body: unknown;
}

/** The same options, for a context that has the request. */
function forOperations({ tenantId, ...options }: Options): HooksOptions<Context, any, any, any, any> {
  return {
    ...options,
    input: ({ body }: Context) => body,
    headers: () => ({}),
    user: () => null,
    tenantId: ({ request }: Context) => (typeof tenantId === 'function' ? tenantId(request as never) : null),
  } as HooksOptions<Context, any, any, any, any>;
}

const driver: Driver = async ({ runtime, hooks, handle }) => {
  const around = createHooks<Context>(runtime, forOperations(hooks));
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const context: Context = { request, body: JSON.parse(Buffer.concat(chunks).toString()) };
    let status = 200;
    let body;
    try {
      body = await around.run(context, (input) => {
        const handled = handle(input);
        status = ('status' in handled ? handled.status : undefined) ?? status;
        return 'json' in handled ? handled.json : handled.sent;
      });
    } catch (error) {
      const problem = error instanceof HookProblem ? error : undefined;
      status = problem?.status ?? 500;
      body = { status, error: problem?.error, details: problem?.details };
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
};

describe('around an operation,', () => {
  const server = new TestServer(driver);
  const keeper = new WasmRuntime({ logger: false });
  beforeAll(() => loadPlugins(keeper));
  afterAll(() => keeper.close());
  afterEach(() => server.stop());

  testSets(server);
});
