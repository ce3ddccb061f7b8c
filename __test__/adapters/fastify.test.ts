// Every adapter's behaviours, on Fastify.

import Fastify from 'fastify';
import { hookcell } from 'hookcell/fastify';

import { describeBehaviours } from './behaviours';

describeBehaviours('Fastify 5', async ({ runtime, hooks, handle }) => {
  // Or else Fastify refuses a key `__proto__` itself, with 400 too.
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
