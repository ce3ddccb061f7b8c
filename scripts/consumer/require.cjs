'use strict';

const { strictEqual } = require('node:assert');
const { readFileSync } = require('node:fs');
const { HookcellError, WasmRuntime } = require('hookcell');
const { wasmHooks } = require('hookcell/express');
const { hookcell } = require('hookcell/fastify');
const { pluginAnswering } = require('hookcell/testing');

async function main() {
  const runtime = new WasmRuntime();
  await runtime.loadPluginBytes('plugin', readFileSync('plugin.wasm'));
  const input = { email: 'ada@example.org' };
  const result = await runtime.callHook('plugin', 'before_hook', { input });
  strictEqual(result.ok, true);
  strictEqual(result.ctx.input.email, input.email);

  const refusal = await runtime.callHook('absent', 'before_hook', { input }).catch((error) => error);
  strictEqual(refusal instanceof HookcellError, true);
  strictEqual(refusal.code, 'ERR_NOT_LOADED');

  await runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'no' }));
  strictEqual((await runtime.callHook('no', 'after_hook', { input })).error, 'no');

  strictEqual(typeof wasmHooks(runtime, { before: 'plugin' }), 'function');
  strictEqual(typeof hookcell, 'function');
  await runtime.close();
}

void main();
