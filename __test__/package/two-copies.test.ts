// Two copies of the package in one process: a monorepo's, or Jest's when it resets its modules.

import { Catch, Controller, Injectable, Module, Post } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import express from 'express';
import Fastify from 'fastify';
import { HookcellError, WasmRuntime } from 'hookcell';
import * as ours from 'hookcell/express';
import * as fastifyOurs from 'hookcell/fastify';
import * as nestOurs from 'hookcell/nest';
import { assertRejected, pluginAnswering, pluginFailing } from 'hookcell/testing';

import { answerBody, closeServers, post, serve, serveApp } from '../support/express';
import { refusal } from '../support/refusal';
import { removeSecondCopy, secondCopy } from './second-copy';

const copy = secondCopy();
// Imported by path, with the types of the first copy.
const theirs = {
  core: jest.requireActual<typeof import('hookcell')>(copy),
  express: jest.requireActual<typeof import('hookcell/express')>(`${copy}/dist/express/index.js`),
  fastify: jest.requireActual<typeof import('hookcell/fastify')>(`${copy}/dist/fastify/index.js`),
  nest: jest.requireActual<typeof import('hookcell/nest')>(`${copy}/dist/nest/index.js`),
};

let runtime: WasmRuntime;

beforeEach(async () => {
  runtime = new WasmRuntime({ logger: false });
  await runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'not today' }));
  await runtime.loadPluginBytes('yes', pluginAnswering({ ok: true }));
  await runtime.loadPluginBytes('crash', pluginFailing());
});

afterEach(async () => {
  await closeServers();
  await runtime.close();
});

afterAll(() => removeSecondCopy(copy));

test('the copies have classes of their own', () => {
  expect(theirs.core.WasmRuntime).not.toBe(WasmRuntime);
  expect(theirs.core.HookcellError).not.toBe(HookcellError);
});

test('an object of one copy is an instance of the same class in the other, and of no other class', async () => {
  const error = await refusal(runtime.callHook('absent', 'before_hook', { input: {} }), 'ERR_NOT_LOADED');

  expect(error).toBeInstanceOf(theirs.core.HookcellError);
  expect(new theirs.core.HookcellError('ERR_CLOSED', '')).toBeInstanceOf(HookcellError);
  expect(error).not.toBeInstanceOf(theirs.express.HookProblem);
  expect(runtime).toBeInstanceOf(theirs.core.WasmRuntime);
  expect(new Error('another')).not.toBeInstanceOf(HookcellError);
});

test('a subclass of an error means its own instances alone', () => {
  class OwnError extends HookcellError {}

  expect(new OwnError('ERR_CLOSED', '')).toBeInstanceOf(OwnError);
  expect(new OwnError('ERR_CLOSED', '')).toBeInstanceOf(theirs.core.HookcellError);
  expect(new HookcellError('ERR_CLOSED', '')).not.toBeInstanceOf(OwnError);
});

test("no JSON of a plugin passes for one of the package's own objects", () => {
  expect(JSON.parse('{"Symbol(hookcell.HookRejection)":true}')).not.toBeInstanceOf(ours.HookRejection);
  expect('text').not.toBeInstanceOf(HookcellError);
  expect(null).not.toBeInstanceOf(HookcellError);
});

test('a function that rejects with one copy is heard in the chain of the other', async () => {
  const hooks = ours.wasmHooks(runtime, { before: () => theirs.express.reject('no entry', { status: 403 }) });
  const { url, errors } = await serve(express, hooks, answerBody);

  expect((await post(url, {})).status).toBe(403);
  expect(errors).toMatchObject([{ failure: { kind: 'rejected', error: 'no entry' } }]);
  assertRejected(theirs.express.reject('no entry'), 'no entry');
});

test("a runtime of one copy serves the other's middleware, and refuses as its own would", async () => {
  await runtime.loadPluginBytes('small', pluginAnswering({ ok: true }), { maxContextBytes: 16 });
  const hooks = theirs.express.wasmHooks(runtime, { before: 'small' });
  const { url, errors } = await serve(express, hooks, answerBody);

  expect((await post(url, {})).status).toBe(413);
  expect(errors[0]).toBeInstanceOf(ours.HookProblem);
});

test("one copy's error handler answers what the other's hooks ended", async () => {
  const { url } = await serveApp(express, (app) => {
    app.use(express.json(), theirs.express.wasmHooks(runtime, { before: 'no' }), ours.problemHandler());
  });
  const response = await fetch(url, { method: 'POST' });

  expect(response.status).toBe(422);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
});

test('both copies share what they know of a plugin that fails', async () => {
  const options = { before: 'crash', circuitBreaker: { faults: 1 }, logger: false } as const;
  const { url } = await serve(express, theirs.express.wasmHooks(runtime, options), answerBody);
  expect((await post(url, {})).status).toBe(500);

  expect(ours.hookStats(runtime)).toMatchObject({ circuitsOpened: 1, openCircuits: ['crash'] });
  const { url: other } = await serve(express, ours.wasmHooks(runtime, options), answerBody);
  expect((await post(other, {})).status).toBe(503);
});

test('on Fastify a scope of one copy may hold a scope of the other', async () => {
  const app = Fastify();
  await app.register(fastifyOurs.hookcell, { runtime, before: 'no' });
  app.post('/outer', () => 'reached');
  await app.register(async (inner) => {
    await inner.register(theirs.fastify.hookcell, { runtime });
    inner.post('/inner', { config: { hooks: { before: 'yes' } } }, () => 'reached');
  });
  try {
    expect((await app.inject({ method: 'POST', url: '/outer', payload: {} })).statusCode).toBe(422);
    expect((await app.inject({ method: 'POST', url: '/inner', payload: {} })).statusCode).toBe(200);
  } finally {
    await app.close();
  }
});

test("on Nest one copy's module runs the hooks and serves the classes of the other", async () => {
  @Injectable()
  class Plugins {
    constructor(readonly service: nestOurs.HookcellService) {}
  }
  @Controller()
  class UsersController {
    @Post()
    @nestOurs.UseHooks({ before: 'no' })
    create(): void {}
  }
  @Catch(nestOurs.HookException)
  class Filter {
    catch(exception: nestOurs.HookException, host: import('@nestjs/common').ArgumentsHost): void {
      host.switchToHttp().getResponse<import('express').Response>().status(418).json(exception.failure);
    }
  }
  const plugins = [{ name: 'no', bytes: pluginAnswering({ ok: false, error: 'not today' }) }];
  @Module({
    imports: [theirs.nest.HookcellModule.forRoot({ plugins, config: { logger: false } })],
    controllers: [UsersController],
    providers: [Plugins],
  })
  class AppModule {}
  const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app: INestApplication = testing.createNestApplication({ logger: false });
  app.useGlobalFilters(new Filter());
  await app.listen(0, '127.0.0.1');
  try {
    const response = await fetch(await app.getUrl(), { method: 'POST' });

    expect(response.status).toBe(418);
    expect(await response.json()).toMatchObject({ kind: 'rejected', error: 'not today' });
    expect(app.get(Plugins).service.isLoaded('no')).toBe(true);
  } finally {
    await app.close();
  }
});

test('a test runner that loads the package anew for every test adds one listener to the process', () => {
  const listeners = process.listenerCount('exit');
  for (let reset = 0; reset < 12; reset += 1) {
    jest.isolateModules(() => jest.requireActual('hookcell'));
  }

  expect(process.listenerCount('exit')).toBe(listeners);
});
