'use strict';

// What the pages show as an ES module, in CommonJS.

const { strictEqual } = require('node:assert');
const { once } = require('node:events');
const express = require('express');
const Fastify = require('fastify');
const { WasmRuntime } = require('hookcell');
const { problemHandler, wasmHooks } = require('hookcell/express');
const { hookcell } = require('hookcell/fastify');

const plugin = require.resolve('hookcell/pdk/validate_email.wasm');

async function main() {
  const runtime = new WasmRuntime();
  await runtime.loadPlugin(plugin);
  await useExpress(runtime);
  await useFastify(runtime);
  await runtime.close();
}

async function useExpress(runtime) {
  const app = express();
  app.use(express.json());
  app.post('/users', wasmHooks(runtime, { before: plugin, after: plugin }), (req, res) =>
    res.status(201).json(req.body),
  );
  app.use(problemHandler());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await expectHooks(async (body) => {
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${server.address().port}/users`, request);
    return [response.status, await response.json()];
  });
  server.close();
}

async function useFastify(runtime) {
  const app = Fastify();
  await app.register(hookcell, { runtime });
  app.post('/users', { config: { hooks: { before: plugin, after: plugin } } }, async (request, reply) =>
    reply.code(201).send(request.body),
  );
  await expectHooks(async (payload) => {
    const response = await app.inject({ method: 'POST', url: '/users', payload });
    return [response.statusCode, response.json()];
  });
  await app.close();
}

async function expectHooks(post) {
  const [created, user] = await post({ email: ' Ada@Example.com' });
  strictEqual(created, 201);
  strictEqual(user.email, 'ada@example.com');
  strictEqual(user.email_domain, 'example.com');
  const [refused, problem] = await post({ email: 'ada' });
  strictEqual(refused, 422);
  strictEqual(problem.error, 'email is not valid');
}

void main();
