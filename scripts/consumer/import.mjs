import { strictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { WasmRuntime } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import fastifyPlugin, { hookcell } from 'hookcell/fastify';
import { createHooks } from 'hookcell/hooks';
import { wasmHooks as koaHooks } from 'hookcell/koa';
import { assertAccepted } from 'hookcell/testing';

const runtime = new WasmRuntime();
await runtime.loadPluginBytes('plugin', readFileSync('plugin.wasm'));
const result = await runtime.callHook('plugin', 'before_hook', { input: {} });
assertAccepted(result);
await runtime.close();

// `import` and `require` load the same copy, so `instanceof` works across both.
const require = createRequire(import.meta.url);
const imported = await import('hookcell');
for (const [name, value] of Object.entries(require('hookcell'))) {
  strictEqual(imported[name], value, `${name} differs between import and require`);
}
strictEqual(wasmHooks, require('hookcell/express').wasmHooks);
strictEqual(hookcell, require('hookcell/fastify').hookcell);
strictEqual(hookcell, fastifyPlugin);
strictEqual(createHooks, require('hookcell/hooks').createHooks);
strictEqual(koaHooks, require('hookcell/koa').wasmHooks);
strictEqual(assertAccepted, require('hookcell/testing').assertAccepted);
