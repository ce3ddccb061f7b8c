'use strict';

// The other entries of the package, in CommonJS.

const { strictEqual } = require('node:assert');
const { writeFileSync, readFileSync } = require('node:fs');
const { createHash } = require('node:crypto');
const { WasmRuntime } = require('hookcell');
const { createHookQueue, createHookWorker, enqueueBefore } = require('hookcell/bullmq');
const { wasmHooks: honoHooks } = require('hookcell/hono');
const { createHooks } = require('hookcell/hooks');
const { wasmHooks: koaHooks } = require('hookcell/koa');
const { instrument } = require('hookcell/otel');
const { openPlugins } = require('hookcell/plugins');
const { collectMetrics } = require('hookcell/prometheus');
const { createStatus } = require('hookcell/status');
const { Registry } = require('prom-client');

async function main() {
  const runtime = new WasmRuntime();
  const stops = [createStatus(runtime), collectMetrics(runtime, { register: new Registry() }), instrument(runtime)];
  const sha256 = createHash('sha256').update(readFileSync('plugin.wasm')).digest('hex');
  writeFileSync('plugins.json', JSON.stringify({ plugins: [{ name: 'pass', file: 'plugin.wasm', sha256 }] }));
  const plugins = await openPlugins(runtime, { manifest: 'plugins.json', storeDir: false });
  const hooks = createHooks(runtime, { before: plugins });
  strictEqual(await hooks.run({ input: {} }, () => 7), 7);
  for (const adapter of [honoHooks, koaHooks]) {
    strictEqual(typeof adapter(runtime, { before: plugins }), 'function');
  }
  for (const make of [createHookQueue, createHookWorker, enqueueBefore]) {
    strictEqual(typeof make, 'function');
  }
  for (const each of stops) {
    each.stop();
  }
  await plugins.close();
  await runtime.close();
}

void main();
