// Compiled by the type check, not run: the types that a TypeScript user sees.

import { Body, Controller, Module, Post } from '@nestjs/common';
import express from 'express';
import type { Request } from 'express';
import Fastify from 'fastify';
import type { FastifyRequest } from 'fastify';
import { HookcellError, WasmRuntime } from 'hookcell';
import type {
  Accepted,
  ChainAccepted,
  ChainedPlugin,
  ChainFaulted,
  ChainRejected,
  ChainResult,
  ChainStep,
  CloseOptions,
  ErrorCode,
  Fault,
  Faulted,
  HookContext,
  HookUser,
  JsonObject,
  PluginInfo,
  PluginResult,
  QueueOptions,
  Rejected,
  Usage,
  WholeContext,
} from 'hookcell';
import { hookStats, problemHandler, reject, wasmHooks } from 'hookcell/express';
import type { HookStats, NativeHook, UncheckedInput } from 'hookcell/express';
import { hookcell, withHooks } from 'hookcell/fastify';
import type { HookcellOptions, RouteHooks } from 'hookcell/fastify';
import { HookcellModule, HookcellService, HookException, UseHooks } from 'hookcell/nest';
import type { HookcellModuleOptions, HookFailure } from 'hookcell/nest';
import { assertAccepted, assertFaulted, hookContext, pluginAnswering } from 'hookcell/testing';
import { z } from 'zod';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if both types are the same. */
function same<A, B>(..._proof: Equal<A, B> extends true ? [] : [never]): void {}

interface Signup {
  email: string;
}
interface Account {
  id: number;
}

/** A request after the authentication of an application. */
interface Principal {
  id: string;
  role: string;
  tenant: string;
}

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- as an application augments it
  namespace Express {
    interface Request {
      user?: Principal;
    }
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    user?: Principal;
  }
}

declare const runtime: WasmRuntime;

export async function results(): Promise<void> {
  // The input's type is inferred from the context, and may be an interface.
  const signup: Signup = { email: 'ada@example.com' };
  const inferred = await runtime.callHook('plugin', 'before_hook', { input: signup });
  same<typeof inferred, PluginResult<Signup, unknown>>();

  const stated = await runtime.callHook<Signup, Account>('plugin', 'after_hook', { input: signup, data: { id: 7 } });
  same<typeof stated, PluginResult<Signup, Account>>();

  // `ok` tells whether the plugin accepted, and `fault` tells a fault from a rejection.
  if (stated.ok) {
    same<typeof stated, Accepted<Signup, Account>>();
    same<typeof stated.ctx, WholeContext<Signup, Account>>();
    same<typeof stated.ctx.data, Account | null>();
  } else if (stated.fault === undefined) {
    same<typeof stated, Rejected>();
    same<typeof stated.details, unknown[] | undefined>();
  } else {
    same<typeof stated, Faulted>();
    same<typeof stated.fault, Fault>();
    same<typeof stated.error, string>();
  }

  // Members of any outcome can be read without a check.
  same<typeof stated.usage, Usage>();
  same<typeof stated.error, string | undefined>();

  // The returned context can be passed to the next call.
  if (stated.ok) {
    await runtime.callHook<Signup, Account>('plugin', 'after_hook', stated.ctx);
  }

  // @ts-expect-error - an input is an object
  await runtime.callHook('plugin', 'before_hook', { input: 'text' });
  // @ts-expect-error - the key is tenant_id
  await runtime.callHook('plugin', 'before_hook', { input: {}, tenantId: 'acme' });
  // @ts-expect-error - an id is a string
  await runtime.callHook('plugin', 'before_hook', { input: {}, user: { id: 7, role: 'editor' } });
  // @ts-expect-error - a limit of a module cannot be set for a call
  await runtime.callHook('plugin', 'before_hook', { input: {} }, { maxModuleBytes: 5 });
  // @ts-expect-error - a misspelled limit
  const misspelt = new WasmRuntime({ maxMemoryPage: 5 });
  await misspelt.close();

  same<HookContext, HookContext<JsonObject, unknown>>();
}

export async function chains(): Promise<void> {
  const plugins: ChainedPlugin[] = ['plugin', new URL('file:///plugin.wasm'), { plugin: 'plugin', timeoutMs: 5 }];
  const signup: Signup = { email: 'ada@example.com' };
  const inferred = await runtime.callChain(plugins, 'before_hook', { input: signup });
  same<typeof inferred, ChainResult<Signup, unknown>>();

  const { signal } = new AbortController();
  const stated = await runtime.callChain<Signup, Account>(plugins, 'after_hook', { input: signup }, { signal });
  if (stated.ok) {
    same<typeof stated, ChainAccepted<Signup, Account>>();
  } else if (stated.fault === undefined) {
    same<typeof stated, ChainRejected<Signup, Account>>();
    same<typeof stated.details, unknown[] | undefined>();
  } else {
    same<typeof stated, ChainFaulted<Signup, Account>>();
    same<typeof stated.error, string>();
  }
  // Every ending has a context, and the members of a result of one plugin.
  same<typeof stated.ctx, WholeContext<Signup, Account>>();
  same<typeof stated.steps, ChainStep[]>();
  const result: PluginResult<Signup, Account> & { ctx: WholeContext<Signup, Account>; steps: ChainStep[] } = stated;
  await runtime.callChain<Signup, Account>(['plugin'] as const, 'after_hook', result.ctx);

  // @ts-expect-error - a signal ends the whole chain
  await runtime.callChain([{ plugin: 'plugin', signal }], 'before_hook', { input: {} });
  // @ts-expect-error - limits without a plugin
  await runtime.callChain([{ timeoutMs: 5 }], 'before_hook', { input: {} });
}

export function synchronous(): void {
  const signup: Signup = { email: 'ada@example.com' };
  const result = runtime.callHookSync<Signup, Account>('plugin', 'before_hook', { input: signup }, { timeoutMs: 5 });
  same<typeof result, PluginResult<Signup, Account>>();
  // @ts-expect-error - it cannot be aborted
  runtime.callHookSync('plugin', 'before_hook', { input: {} }, { signal: new AbortController().signal });
}

export async function lifecycle(): Promise<void> {
  await using scoped = new WasmRuntime({ logger: { warn: (line) => process.stderr.write(line) }, timeoutMs: 50 });
  same<ReturnType<typeof scoped.plugins>, PluginInfo[]>();
  same<Parameters<typeof scoped.close>[0], CloseOptions | undefined>();
  const info = await scoped.loadPlugin(new URL('file:///plugin.wasm'), { sha256: 'ab', maxFuel: 1_000 });
  same<typeof info.memory.maxPages, number | undefined>();
}

export async function backPressure(): Promise<void> {
  const queue: QueueOptions = { concurrency: 2, maxQueue: 10, queueTimeoutMs: 50 };
  const busy = new WasmRuntime({ ...queue, maxConcurrencyPerTenant: 1, maxQueuePerTenant: 5, timeoutMs: 100 });
  const { signal } = new AbortController();
  const tenant: string | null = null;
  await busy.callHook('plugin', 'before_hook', { input: {} }, { signal, tenant, queueTimeoutMs: 10 });
  await busy.callHook('plugin', 'before_hook', { input: {} }, { signal: undefined, tenant: 'acme' });
  // @ts-expect-error - an option of the runtime
  await busy.callHook('plugin', 'before_hook', { input: {} }, { concurrency: 1 });
  // @ts-expect-error - a plugin has no queue
  await busy.loadPlugin('plugin', { maxQueue: 1 });
  await busy.close({ interrupt: true });
}

export function errors(error: unknown): ErrorCode | undefined {
  return error instanceof HookcellError && error.limit !== 'maxQueuePerTenant' ? error.code : undefined;
}

export function middleware(): void {
  const app = express();
  app.use(wasmHooks(runtime, { before: './plugin.wasm' }), problemHandler());
  app.post(
    '/users',
    wasmHooks(runtime, {
      before: { plugin: 'plugin', hook: 'price_hook', timeoutMs: 5, onFault: 'open' },
      after: new URL('file:///plugin.wasm'),
      user: (request: Request) => ({ id: request.params['id'] as string, role: 'editor' }),
      tenantId: async (request) => request.hostname,
      headers: ['accept-language'],
    }),
    (request) => {
      // Without a schema, Express leaves the body untyped.
      request.body.anything();
    },
  );

  // As in the documentation.
  wasmHooks(runtime, { before: 'plugin', user: (req) => req.user, tenantId: (req) => req.user?.tenant });
  // @ts-expect-error - a user has an id
  wasmHooks(runtime, { before: 'plugin', user: () => ({ role: 'editor' }) });
  // @ts-expect-error - an unknown option
  wasmHooks(runtime, { before: 'plugin', afterwards: 'plugin' });
  // @ts-expect-error - one session for all requests
  wasmHooks(runtime, { before: 'plugin', session: {} });
  // @ts-expect-error - there is no such policy
  wasmHooks(runtime, { before: { plugin: 'plugin', onFault: 'ajar' } });
  // A stand-in for a runtime is accepted.
  const standIn = { callHook: runtime.callHook.bind(runtime), callChain: runtime.callChain.bind(runtime) };
  wasmHooks(standIn, { after: 'plugin' });
}

export function schemas(): void {
  const app = express();
  const input = z.object({ email: z.string(), age: z.string().transform(Number) });
  const data = z.object({ id: z.number() });

  app.post(
    '/signups',
    wasmHooks(runtime, {
      schema: { input, data },
      session: () => ({ startedAt: 0 }),
      before: [
        async (context) => {
          // A hook sees the input of the schema,
          same<typeof context.input, { email: string; age: string }>();
          same<typeof context.data, { id: number } | null>();
          same<typeof context.user, HookUser | null>();
          same<typeof context.session, { startedAt: number }>();
          return context.user === null ? reject('log in', { status: 401 }) : { input: { ...context.input, email: '' } };
        },
        'plugin',
        { plugin: ({ tenant_id }) => (tenant_id === null ? undefined : `wasm:${tenant_id}`) },
      ],
      onFault: (failure) => (failure.kind === 'circuit-open' ? 'open' : 'closed'),
      onReject: ({ details = [] }) => (details.length > 0 ? 'closed' : 'open'),
      problem: (failure) => (failure.kind === 'refused' ? failure.error : undefined),
    }),
    (request) => {
      // and the handler its output.
      same<typeof request.body, { email: string; age: number }>();
    },
  );

  // Before the schema check, the type of the input is unknown.
  app.post(
    '/mended',
    wasmHooks(runtime, {
      schema: { input },
      schemaAt: 'end',
      before: ['plugin', (context) => void same<typeof context.input, UncheckedInput>()],
      after: (context) => void same<typeof context.input, { email: string; age: number }>(),
    }),
    (request) => {
      same<typeof request.body, { email: string; age: number }>();
    },
  );
  // Checked once, at the start: functions see its output, and the type of what plugins return is unknown.
  app.post(
    '/once',
    wasmHooks(runtime, {
      schema: { input },
      schemaAt: 'start',
      before: [(context) => void same<typeof context.input, { email: string; age: number }>(), 'plugin'],
      after: (context) => void same<typeof context.input, UncheckedInput>(),
    }),
    (request) => {
      same<typeof request.body, unknown>();
    },
  );
  // @ts-expect-error - the input was not checked
  wasmHooks(runtime, { schema: { input }, schemaAt: 'end', before: (context) => void context.input.email.length });
  // @ts-expect-error - an unknown time
  wasmHooks(runtime, { schema: { input }, schemaAt: 'never', before: 'plugin' });

  // @ts-expect-error - a chain is not a list of numbers
  wasmHooks(runtime, { before: [7] });
  // @ts-expect-error - an input is an object
  wasmHooks(runtime, { before: () => ({ input: 'text' }) });
  // @ts-expect-error - a hook returns what it changed, not whether it accepts
  wasmHooks(runtime, { before: () => true });
  // @ts-expect-error - the context is read-only
  wasmHooks(runtime, { before: (context) => void (context.data = 1) });
  // @ts-expect-error - the schema has another type than the hook
  wasmHooks(runtime, { schema: { input }, before: () => ({ input: { email: 7 } }) });
  // @ts-expect-error - a status is a number
  reject('no', { status: '404' });

  const hook: NativeHook<Signup, Account, { seen: boolean }> = ({ input: { email }, session }) =>
    session.seen ? reject(email) : { data: { id: 7 } };
  wasmHooks(runtime, { before: [hook, 'plugin'], session: () => ({ seen: false }) });
  same<ReturnType<typeof hookStats>, HookStats>();
}

export async function fastify(): Promise<void> {
  const app = Fastify();
  await app.register(hookcell, {
    config: { timeoutMs: 50 },
    plugins: ['plugin.wasm', new URL('file:///plugin.wasm'), { path: 'plugin.wasm', sha256: 'ab' }],
    tenantId: ({ hostname }) => hostname,
    user: (request) => request.user,
    onFault: 'open',
  });
  // Its request has Fastify's own type, not `any`.
  const whose: HookcellOptions['user'] = (request) => (
    same<typeof request.user, Principal | undefined>(),
    request.user
  );
  await app.register(hookcell, { user: whose });
  app.get('/me', { config: { hooks: { after: 'plugin', user: (request) => request.user } } }, () => ({}));
  same<typeof app.hookcell, WasmRuntime>();
  app.post<{ Body: Signup }>(
    '/config',
    { config: { hooks: { before: [({ user }) => (user === null ? reject('log in') : undefined), 'plugin'] } } },
    (request) => {
      same<typeof request.body, Signup>();
    },
  );
  app.get('/none', { config: { hooks: false } }, () => 'text');

  const input = z.object({ email: z.string(), age: z.string().transform(Number) });
  const before: RouteHooks['before'] = 'plugin';
  app.post(
    '/typed',
    withHooks({
      schema: { input },
      session: () => ({ startedAt: 0 }),
      before: [
        (context) => {
          same<typeof context.input, { email: string; age: string }>();
          same<typeof context.session, { startedAt: number }>();
        },
        'plugin',
      ],
      beforeAt: 'preHandler',
    }),
    (request) => {
      same<typeof request.body, { email: string; age: number }>();
    },
  );
  app.post(
    '/mended',
    withHooks({
      schema: { input },
      schemaAt: 'end',
      before: ['plugin', ({ input: { email } }) => void same<typeof email, unknown>()],
    }),
    (request) => {
      same<typeof request.body, { email: string; age: number }>();
    },
  );
  app.post('/spread', { ...withHooks({ schema: { input }, before: 'plugin' }), bodyLimit: 1_024 }, (request) => {
    same<typeof request.body, { email: string; age: number }>();
  });
  app
    .withTypeProvider<{ schema: unknown; validator: never; serializer: never }>()
    .post('/provider', withHooks({ schema: { input }, before: 'plugin' }), (request) => {
      same<typeof request.body, { email: string; age: number }>();
    });
  app.post('/untyped', withHooks({ before }), (request) => {
    same<typeof request.body, unknown>();
  });

  // @ts-expect-error - an unknown time
  withHooks({ before: 'plugin', beforeAt: 'onRequest' });
  // @ts-expect-error - an unknown option of a route
  withHooks({ befor: 'plugin' });
  // @ts-expect-error - an unknown option of the plugin
  app.register(hookcell, { plugin: 'plugin.wasm' });
}

export function nest(service: HookcellService, exception: HookException): void {
  const input = z.object({ email: z.string(), age: z.string().transform(Number) });

  @Controller()
  @UseHooks({ before: './plugin.wasm', user: (request: Request) => ({ id: request.hostname, role: 'editor' }) })
  class SignupController {
    @Post()
    @UseHooks({
      schema: { input, data: z.object({ id: z.number() }) },
      session: () => ({ startedAt: 0 }),
      after: [
        (context) => {
          // A hook after the handler sees the handler's input.
          same<typeof context.input, { email: string; age: number }>();
          same<typeof context.data, { id: number } | null>();
          same<typeof context.session, { startedAt: number }>();
          return { data: { id: 7 } };
        },
        { plugin: ({ tenant_id }) => tenant_id ?? undefined, onFault: 'open' },
      ],
      applyInput(request, applied) {
        same<typeof applied, { email: string; age: number }>();
        request.body = applied;
      },
      problem: (failure) => (failure.kind === 'refused' ? failure.error : undefined),
    })
    create(@Body() signup: Signup): Account {
      return { id: signup.email.length };
    }

    @Post()
    @UseHooks({ before: 'plugin', user: (request) => request.user, tenantId: (request) => request.user?.tenant })
    resolved(): void {}

    @Post()
    @UseHooks({ before: 'plugin', user: (request: FastifyRequest) => request.user })
    resolvedOnFastify(): void {}

    // @ts-expect-error - an unknown option
    @UseHooks({ befor: 'plugin' })
    misspelt(): void {}

    // @ts-expect-error - one session for all requests
    @UseHooks({ before: 'plugin', session: {} })
    shared(): void {}
  }

  const options: HookcellModuleOptions = {
    config: { timeoutMs: 100 },
    plugins: ['a.wasm', { path: 'b.wasm', sha256: 'ab' }, { name: 'c', bytes: new Uint8Array(), maxFuel: 1 }],
    hooks: { tenantId: (request) => request.user?.tenant, user: (request) => request.user, onFault: 'open' },
  };
  HookcellModule.forRoot({
    hooks: {
      // Not `any`, because linters refuse that.
      user: (request) => (same<typeof request.user, Principal | undefined>(), request.user),
      applyInput: (request, applied) => void (request.body = applied),
    },
  });
  // On the other platform, the request has that platform's type.
  HookcellModule.forRoot({ hooks: { user: (request: FastifyRequest) => request.user } });
  HookcellModule.forRootAsync({ useFactory: () => ({ hooks: { user: (request) => request.user } }) });
  // @ts-expect-error - a user has an id and a role
  HookcellModule.forRoot({ hooks: { user: (request) => request.headers } });
  @Module({ imports: [HookcellModule.forRoot(options)], controllers: [SignupController] })
  class RootModule {}
  HookcellModule.forRootAsync({ imports: [RootModule], useFactory: async () => options, problemFilter: false });
  HookcellModule.forRoot();

  // @ts-expect-error - hooks are options of a route
  HookcellModule.forRoot({ hooks: { before: 'plugin' } });
  // @ts-expect-error - a plugin has a path or a name
  HookcellModule.forRoot({ plugins: [{ sha256: 'ab' }] });

  // The service can be used as a runtime.
  const asRuntime: WasmRuntime = service;
  wasmHooks(asRuntime, { before: 'plugin' });
  same<ReturnType<typeof service.hookStats>, HookStats>();
  same<typeof exception.failure, HookFailure>();
}

export async function testing(result: PluginResult<Signup, Account>): Promise<void> {
  if (Math.random() > 0.5) {
    assertAccepted(result);
    same<typeof result.ctx.data, Account | null>();
  } else {
    assertFaulted(result, 'ERR_TRAP');
    same<typeof result.fault, Fault>();
  }
  // @ts-expect-error - there is no such fault
  assertFaulted(result, 'ERR_CLOSED');
  const context = hookContext({ input: { email: '' } });
  same<typeof context.input, { email: string }>();
  await runtime.loadPluginBytes('no', pluginAnswering({ ok: false, details: [{ field: 'email' }] }));
  // @ts-expect-error - a rejection cannot change anything
  pluginAnswering({ ok: false, ctx: {} });
}
