import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Command } from 'commander';
import { WasmRuntime } from 'hookcell';
import type { SandboxConfig } from 'hookcell';
import type { HookWorkerOptions } from 'hookcell/bullmq';
import { openPlugins } from 'hookcell/plugins';
import type { PluginSet, PluginSetOptions } from 'hookcell/plugins';

import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { Output } from '../terminal/output.js';
import { shown } from '../terminal/shown-text.js';
import { addHelp, withExit } from '../shared/command.js';

/** What the file of `hookcell worker` exports. */
interface WorkerConfig extends Omit<HookWorkerOptions, 'plugins'> {
  /** Options of the runtime that the worker calls plugins in. */
  sandbox?: SandboxConfig | undefined;
  /** Options of `openPlugins`, for jobs of a plugin set. */
  plugins?: PluginSetOptions | undefined;
}

/** `hookcell worker`: runs the jobs of hooks until it is told to end. */
export function addWorker(program: Command): void {
  const command = program
    .command('worker')
    .summary('run the jobs of hooks that servers add to a queue of BullMQ')
    .description(
      'Runs the jobs of hooks that servers add to a queue of BullMQ, until SIGTERM or SIGINT. Jobs that run then end first; a second ' +
        'signal ends the process, and other workers get them.',
    )
    .argument(
      '<config>',
      'a module whose default export has the options of createHookWorker, and those of a runtime as sandbox',
    );
  addHelp(command, ['ok', 'usage'], 'hookcell worker worker.config.mjs');
  command.action(withExit(work));
}

async function work(file: string): Promise<ExitCode> {
  const output = new Output(false);
  const { sandbox, plugins, ...options } = await readConfig(file);
  const { createHookWorker } = await bullmqOf();
  const runtime = new WasmRuntime(sandbox);
  let set: PluginSet | undefined;
  try {
    set = plugins && (await openSet(runtime, plugins, file));
    const worker = makeWorker(() => createHookWorker(runtime, { ...options, plugins: set }), file);
    const told = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)));
    const risks = await Promise.race([worker.ready(), told.then(() => [])]);
    output.print(() => `waiting for jobs of ${shown(options.queue)}${risks.length > 0 ? ', which may lose some' : ''}`);
    await told;
    output.print(() => 'ending; jobs that run end first');
    const again = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)));
    await Promise.race([worker.close(), again.then(() => worker.close({ force: true }))]);
    return exitCodes.ok;
  } finally {
    // The runtime ends what still runs, so this waits for nothing.
    void set?.close();
    await runtime.close({ interrupt: true });
  }
}

async function openSet(runtime: WasmRuntime, options: PluginSetOptions, file: string): Promise<PluginSet> {
  try {
    return await openPlugins(runtime, options);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

/** A wrong option is a wrong use of the command. */
function makeWorker<T>(make: () => T, file: string): T {
  try {
    return make();
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

async function readConfig(file: string): Promise<WorkerConfig> {
  let loaded: { default?: unknown };
  try {
    loaded = (await import(pathToFileURL(path.resolve(file)).href)) as { default?: unknown };
  } catch (error) {
    throw new UsageError(`${file} cannot be loaded: ${(error as Error).message}`);
  }
  const config = loaded.default;
  if (typeof config !== 'object' || config === null) {
    throw new UsageError(`${file} must export an object by default`);
  }
  return config as WorkerConfig;
}

async function bullmqOf(): Promise<typeof import('hookcell/bullmq')> {
  try {
    return await import('hookcell/bullmq');
  } catch (error) {
    throw new UsageError(`this needs bullmq and ioredis: npm install bullmq ioredis (${(error as Error).message})`);
  }
}
