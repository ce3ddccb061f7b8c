// Hooks after a handler of Fastify see what the client would get, with any serializer.

import Fastify from 'fastify';
import type { FastifyInstance, FastifyReply, RouteShorthandOptions } from 'fastify';
import { WasmRuntime } from 'hookcell';
import { hookcell } from 'hookcell/fastify';
import type { RouteHooks } from 'hookcell/fastify';

import { loadPlugins } from '../behaviors/plugins';

const runtime = new WasmRuntime({ logger: false });
beforeAll(() => loadPlugins(runtime));
afterAll(() => runtime.close());

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

interface Made {
  route?: RouteShorthandOptions;
  /** Changes the application before hookcell is registered. */
  prepare?: (app: FastifyInstance) => void;
  /** Changes the application after that. */
  behind?: (app: FastifyInstance) => void;
  handle?: (reply: FastifyReply) => unknown;
}

const user = () => ({ id: 7, password: 'secret' });
const idOnly = { type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } } };

/** Requests a route with these hooks after its handler. */
async function asked(after: RouteHooks['after'], { route = {}, prepare, behind, handle = user }: Made = {}) {
  const seen: unknown[] = [];
  const app = Fastify();
  apps.push(app);
  prepare?.(app);
  await app.register(hookcell, { runtime, logger: false });
  behind?.(app);
  const steps = [({ data }: { data: unknown }) => void seen.push(data), ...[after ?? []].flat()];
  app.get('/', { ...route, config: { hooks: { after: steps } } }, async (_, reply) => handle(reply));
  const { statusCode: status, body: text, headers } = await app.inject('/');
  return { status, text, seen, type: String(headers['content-type']) };
}

const withholding: [string, Made][] = [
  ['a response schema', { route: { schema: { response: { 200: idOnly } } } }],
  ['a response schema of 2xx', { route: { schema: { response: { '2xx': idOnly } } } }],
  ['a response schema of all statuses', { route: { schema: { response: { default: idOnly } } } }],
  [
    'a response schema of the media type',
    { route: { schema: { response: { 200: { content: { 'application/json': { schema: idOnly } } } } } } },
  ],
  [
    'a serializer of the route’s own schema',
    {
      route: {
        schema: { response: { 200: idOnly } },
        serializerCompiler: () => (data) => JSON.stringify({ ...(data as object), password: undefined }),
      },
    },
  ],
  [
    'a serializer of the server’s',
    {
      prepare: (app) =>
        void app.setReplySerializer((data) => JSON.stringify({ ...(data as object), password: undefined })),
    },
  ],
  [
    'a serializer of the reply’s',
    {
      handle: (reply) =>
        reply.serializer((data: object) => JSON.stringify({ ...data, password: undefined })).send(user()),
    },
  ],
  ['toJSON of the answer', { handle: () => ({ ...user(), toJSON: () => ({ id: 7 }) }) }],
  [
    'a hook of the server’s before the answer is serialized',
    {
      behind: (app) =>
        void app.addHook('preSerialization', async (_, __, data) => ({ ...(data as object), password: undefined })),
    },
  ],
];

test.each(withholding)('hooks do not see what %s hides from clients', async (_, made) => {
  const { seen, text } = await asked('yes', made);

  expect(seen).toEqual([{ id: 7 }]);
  expect(JSON.parse(text)).toEqual({ id: 7 });
});

test.each(withholding.slice(0, 5))('what a hook changes is sent as %s allows', async (_, made) => {
  const { text } = await asked(
    ({ data }) => ({ data: { ...(data as object), name: 'Ada', password: 'secret' } }),
    made,
  );

  expect(JSON.parse(text)).toEqual({ id: 7, name: 'Ada' });
});

test('a response that no hook changes is sent as it was serialized', async () => {
  const big = 2n ** 60n + 1n;
  const route = { schema: { response: { 200: idOnly } } };

  expect(await asked('yes', { route, handle: () => ({ id: big }) })).toMatchObject({
    status: 200,
    text: `{"id":${big}}`,
  });
});

test('a serializer that adds an envelope is not called twice', async () => {
  const prepare = (app: FastifyInstance) => void app.setReplySerializer((answer) => JSON.stringify({ answer }));

  const { seen, text } = await asked(({ data }) => ({ data: { ...(data as object), more: 1 } }), { prepare });

  expect(seen).toEqual([{ answer: user() }]);
  expect(JSON.parse(text)).toEqual({ answer: user(), more: 1 });
});

test('a response that hooks cannot see is not sent, and the client is not told why', async () => {
  const behind = (app: FastifyInstance) => void app.addHook('onSend', async (_, __, text) => `(${String(text)})`);
  const cases: Made[] = [{ handle: (reply) => reply.serializer(() => '<secret/>').send(user()) }, { prepare: behind }];
  for (const made of cases) {
    const { status, text, seen } = await asked('yes', made);

    expect(status).toBe(500);
    expect(text).not.toMatch(/secret/);
    expect(seen).toEqual([]);
  }
  expect(await asked('yes', { behind })).toMatchObject({ status: 200, text: `(${JSON.stringify(user())})` });
});

test('a changed response that does not match its response schema is an error of the server', async () => {
  const schema = { response: { 200: { ...idOnly, required: ['id'] } } };
  const { status, text } = await asked(() => ({ data: { name: 'Ada' } }), { route: { schema } });

  expect(status).toBe(500);
  expect(JSON.parse(text)).toEqual({ title: 'Internal Server Error', status: 500, error: 'Internal Server Error' });
});

test('hooks see neither a response that cannot be serialized nor what an error handler sends instead', async () => {
  const prepare = (app: FastifyInstance) =>
    void app.setErrorHandler((_error, __, reply) => reply.code(200).send('"mine"'));
  const { seen, text } = await asked('enrich', { prepare, handle: () => ({ id: 7n }) });

  expect(seen).toEqual([]);
  expect(text).toBe('"mine"');
});
