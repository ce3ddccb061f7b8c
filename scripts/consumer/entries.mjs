// The other entries of the package, as ES modules and with `require`: each is one copy, except Hono's, because Hono itself is two.

import { deepStrictEqual, strictEqual } from 'node:assert';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { WasmRuntime } from 'hookcell';
import { createHookQueue, createHookWorker, enqueueAfter, enqueueBefore } from 'hookcell/bullmq';
import { wasmHooks as honoHooks } from 'hookcell/hono';
import { createHooks } from 'hookcell/hooks';
import { wasmHooks as koaHooks } from 'hookcell/koa';
import { instrument } from 'hookcell/otel';
import { openPlugins } from 'hookcell/plugins';
import { collectMetrics } from 'hookcell/prometheus';
import { createStatus } from 'hookcell/status';
import { Registry } from 'prom-client';

const require = createRequire(import.meta.url);
for (const [entry, values] of Object.entries({
  bullmq: { createHookQueue, createHookWorker, enqueueAfter, enqueueBefore },
  hooks: { createHooks },
  koa: { wasmHooks: koaHooks },
  otel: { instrument },
  plugins: { openPlugins },
  prometheus: { collectMetrics },
  status: { createStatus },
})) {
  const required = require(`hookcell/${entry}`);
  for (const [name, value] of Object.entries(values)) {
    strictEqual(typeof value, 'function');
    strictEqual(value, required[name], `${name} of hookcell/${entry} differs between import and require`);
  }
}

const runtime = new WasmRuntime();
const register = new Registry();
const status = createStatus(runtime);
const metrics = collectMetrics(runtime, { register });
const telemetry = instrument(runtime);

const sha256 = createHash('sha256').update(readFileSync('plugin.wasm')).digest('hex');
writeFileSync('plugins.json', JSON.stringify({ plugins: [{ name: 'pass', file: 'plugin.wasm', sha256 }] }));
const plugins = await openPlugins(runtime, { manifest: 'plugins.json', storeDir: false });
const hooks = createHooks(runtime, { before: plugins });
deepStrictEqual(await hooks.run({ input: { a: 1 } }, (input) => input), { a: 1 });

strictEqual(status.snapshot().plugins.length, 1);
strictEqual((await register.metrics()).includes('hookcell_calls_total'), true);
strictEqual(typeof honoHooks(runtime, { before: plugins }), 'function');
strictEqual(typeof koaHooks(runtime, { before: plugins }), 'function');

metrics.stop();
telemetry.stop();
status.stop();
await plugins.close();
await runtime.close();
