import Fastify from 'fastify';
import { WasmRuntime } from 'hookcell';
import { hookcell, reject, withHooks } from 'hookcell/fastify';
import type { NativeHook, StandardSchema } from 'hookcell/fastify';

interface SignUp {
  email: string;
}

declare const input: StandardSchema<SignUp, SignUp>;
const runtime = new WasmRuntime();
const notEmpty: NativeHook<SignUp, unknown, object> = (context) =>
  context.input.email === '' ? reject('an address is needed', { status: 400 }) : undefined;

export const app = Fastify();
await app.register(hookcell, { runtime });
app.post('/users', withHooks({ before: [notEmpty, 'plugin'], schema: { input } }), async (request) =>
  request.body.email.toLowerCase(),
);
app.get('/users', { config: { hooks: { after: 'plugin' } } }, async () => app.hookcell.plugins());

// @ts-expect-error: the types refuse an unknown option.
withHooks({ befor: 'plugin' });
