// An Express server whose tenants bring their own plugins, some of them hostile, and a client that calls them all.
//
//   npm run demo                  sends the requests of scenarios.mjs; exit code 1 if one does not end as expected
//   npm run demo -- --serve       keeps the server running, on PORT or 3000, and shows requests for curl
//   npm run demo -- --picture docs/demo.svg     also draws the table for the README
//
// DATABASE_URL=postgres://… uses your Postgres instead of the embedded one, and leaves nothing behind in it.
//
// Read server.mjs first. The other files load plugins for it, send it requests, and print the results.

import { parseArgs } from 'node:util';
import { WasmRuntime } from 'hookcell';
import { printCommands } from './curl.mjs';
import { openDatabase } from './database.mjs';
import { HookCalls } from './hook-calls.mjs';
import { listen, parsePort } from './listener.mjs';
import { loadTenants } from './loading.mjs';
import { writePicture } from './picture.mjs';
import { playScenarios } from './player.mjs';
import { createApp } from './server.mjs';
import { StartError } from './start-error.mjs';
import { printSummary } from './summary.mjs';
import { tenants } from './tenants.mjs';
import { duration, printHeading } from './terminal.mjs';
import { receiveVisitors } from './visitors.mjs';

// Each call of a hook gets 250 ms. Other limits have their defaults, such as 16 MiB of memory. The runtime would log
// every fault on the console, but here the table shows them.
const runtime = new WasmRuntime({ timeoutMs: 250, logger: false });
let database;
let listener;
try {
  const { serve, picture } = parseOptions();
  const port = serve ? parsePort(process.env['PORT']) : 0;

  printHeading('Loading the plugins: each is checked and compiled once, and every call then gets a fresh sandbox');
  const loaded = await loadTenants(runtime, tenants);

  printHeading('Starting the database');
  const start = performance.now();
  database = await openDatabase(process.env['DATABASE_URL']);
  console.log(`  ${database.name}, in ${duration(performance.now() - start)}`);

  printHeading('Starting the server');
  const hookCalls = new HookCalls(runtime);
  listener = await listen(createApp(hookCalls, database, loaded), port);
  console.log(`  ${listener.url}`);

  if (serve) {
    printCommands(listener.url);
    await receiveVisitors(listener.server, hookCalls);
  } else {
    const played = await playScenarios({ url: listener.url, hookCalls, database });
    process.exitCode = printSummary(played) ? 0 : 1;
    if (picture !== undefined) {
      writePicture(picture, played);
    }
  }
} catch (error) {
  if (!(error instanceof StartError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
} finally {
  // In this order, no request in progress loses something that it needs.
  await listener?.close();
  await runtime.close();
  await database?.close();
}

function parseOptions() {
  try {
    return parseArgs({ options: { serve: { type: 'boolean', default: false }, picture: { type: 'string' } } }).values;
  } catch (cause) {
    throw new StartError(`${cause.message}\nnpm run demo [-- --serve | --picture FILE]`, { cause });
  }
}
