// Has Debian's Prometheus scrape a server with hooks, and runs the query of each panel of docs/grafana.json.
//
//   npm run telemetry [-- --full]
//
// It installs Debian's `prometheus` with apt-get if it may. It is skipped if there is none; --full makes that an error.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import express from 'express';
import { WasmRuntime } from 'hookcell';
import { problemHandler, wasmHooks } from 'hookcell/express';
import { collectMetrics } from 'hookcell/prometheus';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';
import { Registry } from 'prom-client';
import { CommandError, main, root } from './build/command.mjs';
import { format } from './suites/tally.mjs';

/** The longest time until the first rates are there. */
const MOST_MS = 60_000;

function hasPrometheus() {
  return spawnSync('prometheus', ['--version']).status === 0;
}

function installPrometheus() {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'apt-get', ...args];
    return spawnSync(command, rest, { stdio: 'ignore', env }).status === 0;
  };
  console.log('installing prometheus with apt-get');
  return apt('update') && apt('install', '-y', '--no-install-recommends', 'prometheus') && hasPrometheus();
}

/** A server whose plugins accept, reject and fault, and whose metrics can be scraped. */
async function startServer() {
  const register = new Registry();
  const runtime = new WasmRuntime({ logger: false });
  collectMetrics(runtime, { register });
  await runtime.loadPluginBytes('accepts', pluginAnswering({ ok: true }));
  await runtime.loadPluginBytes('rejects', pluginAnswering({ ok: false, error: 'no' }));
  await runtime.loadPluginBytes('fails', pluginFailing());
  const app = express().set('env', 'test');
  app.use(express.json());
  for (const plugin of ['accepts', 'rejects', 'fails', 'missing']) {
    const hooks = { before: plugin, logger: false, lateLoading: true };
    app.post(`/${plugin}`, wasmHooks(runtime, hooks), (_request, response) => void response.json({}));
  }
  app.get('/metrics', async (_request, response) => void response.type('text/plain').send(await register.metrics()));
  app.use(problemHandler());
  const server = app.listen(0);
  await once(server, 'listening');
  return { port: server.address().port, runtime, server };
}

async function freePort() {
  const probe = createServer().listen(0);
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  return port;
}

/** Some calls of each kind, and a load. */
async function makeTraffic({ port, runtime }) {
  const headers = { 'content-type': 'application/json' };
  const post = async (plugin) => {
    const response = await fetch(`http://127.0.0.1:${port}/${plugin}`, { method: 'POST', headers, body: '{}' });
    await response.arrayBuffer();
  };
  await Promise.all(['accepts', 'rejects', 'fails', 'missing', 'accepts'].map(post));
  await runtime.reloadPlugin('accepts', pluginAnswering({ ok: true }));
}

/** The query as Grafana sends it. */
function sent(query) {
  return query.replaceAll('$__rate_interval', '20s').replaceAll('$plugin', '.*');
}

async function ask(port, query) {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(sent(query))}`);
  const { status, error, data } = await response.json();
  if (status !== 'success') {
    throw new CommandError(`${query}: ${error}`);
  }
  return data.result.map(({ value: [, value] }) => Number(value));
}

async function checkPanels(server, port) {
  const { panels } = JSON.parse(readFileSync(path.join(root, 'docs', 'grafana.json'), 'utf8'));
  let left = panels;
  const end = performance.now() + MOST_MS;
  let problems = [];
  while (left.length > 0 && performance.now() < end) {
    await makeTraffic(server);
    await setTimeout(500);
    problems = [];
    const still = [];
    for (const panel of left) {
      for (const { expr } of panel.targets) {
        const values = await ask(port, expr);
        // A ratio of nothing is NaN: the rates need two scrapes.
        if (values.length === 0 || !values.every(Number.isFinite)) {
          still.push(panel);
          problems.push(`${panel.title}: ${values.length === 0 ? 'no series' : 'no number'} for ${expr}`);
        }
      }
    }
    left = still;
  }
  for (const problem of problems) {
    console.log(`  failed: ${problem}`);
  }
  return { passed: panels.length - left.length, failed: left.length, skipped: 0 };
}

await main(async () => {
  if (!hasPrometheus() && !installPrometheus()) {
    if (process.argv.includes('--full')) {
      throw new CommandError('prometheus is not there and cannot be installed');
    }
    console.log('prometheus is not there and cannot be installed: the queries of docs/grafana.json are skipped');
    console.log(format({ passed: 0, failed: 0, skipped: 1 }));
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-prometheus-'));
  const server = await startServer();
  const port = await freePort();
  const config = path.join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: hookcell, static_configs: [{ targets: ['127.0.0.1:${server.port}'] }] }]\n`,
  );
  const prometheus = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  try {
    await untilReady(port);
    const tally = await checkPanels(server, port);
    assert.ok(tally.passed + tally.failed > 10);
    console.log(format(tally));
    process.exitCode = tally.failed > 0 ? 1 : 0;
  } finally {
    prometheus.kill();
    await once(prometheus, 'exit');
    server.server.close();
    server.server.closeAllConnections();
    await server.runtime.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function untilReady(port) {
  for (let tries = 0; tries < 300; tries += 1) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/-/ready`)).ok) {
        return;
      }
    } catch {
      // It does not listen yet.
    }
    await setTimeout(100);
  }
  throw new CommandError('prometheus does not start');
}
