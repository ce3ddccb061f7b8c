// The request and the tenant of calls that adapters make, and the logs and the health of frameworks.

import { tracingChannel } from 'node:diagnostics_channel';
import { Writable } from 'node:stream';

import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheck, HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import express from 'express';
import Fastify from 'fastify';
import { WasmRuntime } from 'hookcell';
import type { ChainMessage } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import { hookcell } from 'hookcell/fastify';
import { HookcellModule, HookcellService, UseHooks } from 'hookcell/nest';
import type { AddressInfo } from 'node:net';

import { fixture } from '../support/wat';

const noon = { 'content-type': 'application/json' };
const request = (headers = {}) => ({ method: 'POST', headers: { ...noon, ...headers }, body: '{}' });

/** The lines of a log of pino. */
function sink() {
  const lines: Record<string, any>[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(
        ...chunk
          .toString()
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as object),
      );
      done();
    },
  });
  return { lines, stream };
}

test('the hooks of Express tell the request by its id or its header, cut, and the tenant', async () => {
  const runtime = new WasmRuntime({ logger: false });
  await runtime.loadPluginBytes('pass', await fixture('pass_through'), { isolate: false });
  const messages: ChainMessage[] = [];
  const channel = tracingChannel<unknown, ChainMessage>('hookcell:chain');
  const start = (message: ChainMessage) => void messages.push(message);
  channel.start.subscribe(start as (message: unknown) => void);
  const app = express();
  app.use(express.json());
  const chain = { before: ['pass', 'pass'], tenantId: 'acme' };
  app.post('/header', wasmHooks(runtime, chain), (_request, response) => void response.json({}));
  app.post(
    '/own',
    wasmHooks(runtime, { ...chain, requestId: () => 'own' }),
    (_request, response) => void response.json({}),
  );
  const server = app.listen(0);
  try {
    const { port } = server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}/header`, request({ 'x-request-id': 'x'.repeat(200) }));
    await fetch(`http://127.0.0.1:${port}/own`, request());
  } finally {
    server.close();
    channel.start.unsubscribe(start as (message: unknown) => void);
    await runtime.close();
  }
  expect(messages.map(({ requestId, tenant }) => [requestId, tenant])).toEqual([
    ['x'.repeat(128), 'acme'],
    ['own', 'acme'],
  ]);
});

test('a fault is in the log of the request in Fastify, with the plugin and the request', async () => {
  const { lines, stream } = sink();
  const app = Fastify({ logger: { stream, level: 'warn' } });
  const bytes = await fixture('crash');
  await app.register(hookcell, { plugins: [{ name: 'crash', bytes, isolate: false }], onFault: 'open' });
  app.post('/', { config: { hooks: { before: 'crash' } } }, async () => ({}));
  await app.inject({ method: 'POST', url: '/', payload: {} });
  await app.close();
  expect(lines).toMatchObject([
    {
      level: 40,
      reqId: 'req-1',
      hookcell: { plugin: 'crash', requestId: 'req-1' },
      msg: expect.stringContaining('ERR_TRAP'),
    },
    { level: 40, reqId: 'req-1', msg: expect.stringContaining('the request continues without it (request req-1)') },
  ]);
});

test("a runtime's own logger is not replaced by that of Fastify", async () => {
  const { lines, stream } = sink();
  const own: string[] = [];
  const app = Fastify({ logger: { stream, level: 'warn' } });
  const bytes = await fixture('crash');
  const logger = { warn: (line: string) => own.push(line) };
  await app.register(hookcell, {
    config: { logger },
    logger,
    plugins: [{ name: 'crash', bytes, isolate: false }],
    onFault: 'open',
  });
  app.post('/', { config: { hooks: { before: 'crash' } } }, async () => ({}));
  await app.inject({ method: 'POST', url: '/', payload: {} });
  await app.close();
  expect(lines).toEqual([]);
  expect(own).toHaveLength(2);
});

test("Nest's own log gets a fault, and Terminus shows whether the runtime is ready", async () => {
  const bytes = await fixture('crash');

  @Controller()
  class Orders {
    @Post()
    @UseHooks({ before: 'crash', onFault: 'open' })
    create() {
      return {};
    }
  }

  @Controller('health')
  class Health {
    readonly #health: HealthCheckService;
    readonly #indicators: HealthIndicatorService;
    readonly #hookcell: HookcellService;

    constructor(health: HealthCheckService, indicators: HealthIndicatorService, service: HookcellService) {
      this.#health = health;
      this.#indicators = indicators;
      this.#hookcell = service;
    }

    @Get()
    @HealthCheck()
    check() {
      const indicator = this.#indicators.check('hookcell');
      return this.#health.check([() => (this.#hookcell.ready() ? indicator.up() : indicator.down())]);
    }
  }

  @Module({
    imports: [TerminusModule, HookcellModule.forRoot({ plugins: [{ name: 'crash', bytes, isolate: false }] })],
    controllers: [Orders, Health],
  })
  class App {}

  const lines: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  const error = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  try {
    const app = await NestFactory.create(App, { logger: ['warn', 'error'] });
    const server = (await app.listen(0)) as { address(): AddressInfo };
    const url = `http://127.0.0.1:${server.address().port}`;
    await fetch(url, request({ 'x-request-id': 'r-7' }));
    const ready = await fetch(`${url}/health`);
    expect(await ready.json()).toMatchObject({ status: 'ok', info: { hookcell: { status: 'up' } } });
    await app.get(HookcellService).close();
    expect((await fetch(`${url}/health`)).status).toBe(503);
    await app.close();
  } finally {
    write.mockRestore();
    error.mockRestore();
  }
  const faults = lines.filter((line) => line.includes('ERR_TRAP'));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(/\[Nest\].*WARN.*hookcell.*request r-7/s);
});
