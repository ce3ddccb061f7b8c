// The lines of the page that serve the status in each framework.

import { createAdaptorServer } from '@hono/node-server';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { WasmRuntime } from 'hookcell';
import { createStatus } from 'hookcell/status';
import type { Status } from 'hookcell/status';
import Koa from 'koa';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { fixture } from '../support/wat';

const path = '/internal/hookcell';
let runtime: WasmRuntime;
let status: Status;

beforeEach(async () => {
  runtime = new WasmRuntime({ logger: false });
  status = createStatus(runtime);
  await runtime.loadPluginBytes('pass', await fixture('pass_through'), { isolate: false });
  await runtime.callHook('pass', 'before_hook', { input: {} });
});
afterEach(async () => {
  status.stop();
  await runtime.close();
});

async function listen(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => new Promise((resolve) => server.close(resolve)) };
}

const frameworks: Record<string, () => Promise<{ url: string; close(): Promise<unknown> }>> = {
  async Express() {
    const app = express();
    app.get(path, status.handler);
    return await listen(createServer(app));
  },
  async Fastify() {
    const app = Fastify();
    app.get(path, (_request, reply) => reply.code(runtime.ready() ? 200 : 503).send(status.snapshot()));
    return { url: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
  },
  async NestJS() {
    @Controller(path)
    class StatusController {
      constructor(@Inject('status') private readonly own: Status) {}

      @Get()
      show() {
        return this.own.snapshot();
      }
    }
    @Module({ controllers: [StatusController], providers: [{ provide: 'status', useValue: status }] })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    return { url: await app.getUrl(), close: () => app.close() };
  },
  async Hono() {
    const app = new Hono();
    app.get(path, (c) => c.json(status.snapshot(), runtime.ready() ? 200 : 503));
    return await listen(createAdaptorServer({ fetch: app.fetch }) as Server);
  },
  async Koa() {
    const app = new Koa();
    app.use((ctx) => {
      if (ctx.path === path) {
        ctx.status = runtime.ready() ? 200 : 503;
        ctx.body = status.snapshot();
      }
    });
    return await listen(createServer(app.callback()));
  },
};

test.each(Object.keys(frameworks))(
  'on %s, the status is served as JSON, and tells whether the runtime is ready',
  async (name) => {
    const { url, close } = await (frameworks[name] as () => ReturnType<(typeof frameworks)[string]>)();
    try {
      const response = await fetch(url + path);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect([response.status, await response.json()]).toEqual([
        200,
        expect.objectContaining({
          ready: true,
          plugins: [expect.objectContaining({ plugin: 'pass', outcomes: { accepted: 1 } })],
        }),
      ]);

      await runtime.close();
      const closed = await fetch(url + path);
      expect(await closed.json()).toMatchObject({ ready: false });
      // A method of a controller of Nest responds with 200 unless it is told otherwise.
      expect(closed.status).toBe(name === 'NestJS' ? 200 : 503);
    } finally {
      await close();
    }
  },
);
