// Every adapter's behaviors, on Fastify.

import { connect } from 'node:http2';

import Fastify from 'fastify';
import { WasmRuntime } from 'hookcell';
import { hookcell, hookStats } from 'hookcell/fastify';
import { pluginFailing } from 'hookcell/testing';

import { until } from '../../support/clock';
import { describeBehaviors } from '../behaviors/behaviors';

describeBehaviors('Fastify 5', async ({ runtime, hooks, handle }) => {
  // Otherwise Fastify refuses a key `__proto__` itself, also with 400.
  const app = Fastify({ onProtoPoisoning: 'ignore' });
  await app.register(hookcell, { runtime });
  app.post('/', { config: { hooks } }, async (request, reply) => {
    const handled = handle(request.body);
    if ('sent' in handled) {
      return await reply.send(handled.sent);
    }
    return await reply.code(handled.status ?? 200).send(handled.json);
  });
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
});

test.each(['a stream that the client resets', 'a session that the client ends'])(
  'over HTTP/2, %s frees its slot',
  async (what) => {
    await using runtime = new WasmRuntime({ logger: false });
    await runtime.loadPluginBytes('loop', pluginFailing('loop'), { maxFuel: Number.MAX_SAFE_INTEGER });
    const app = Fastify({ http2: true });
    await app.register(hookcell, { runtime, logger: false });
    app.post('/', { config: { hooks: { before: { plugin: 'loop', timeoutMs: 60_000 } } } }, async () => ({}));
    const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }));
    session.on('error', () => undefined);
    const stream = session.request({ ':method': 'POST', 'content-type': 'application/json' });
    stream.on('error', () => undefined);
    stream.end('{}');
    await until(() => runtime.running === 1);

    if (what.startsWith('a stream')) {
      stream.close(8);
    } else {
      session.destroy();
    }

    await until(() => hookStats(runtime).clientsLeft === 1);
    await until(() => runtime.running === 0);
    session.destroy();
    await app.close();
  },
);
