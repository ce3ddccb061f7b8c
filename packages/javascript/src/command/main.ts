import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { stop } from 'esbuild';
import { HookcellError } from 'hookcell';

import type { Sample } from '../build/build-options.js';
import { buildPlugin } from '../build/build-plugin.js';
import type { BuiltPlugin } from '../build/build-plugin.js';
import type { BuildReport } from '../build/report.js';
import { PluginBuildError } from '../errors.js';
import { parseCommand, usage, UsageError } from './arguments.js';
import type { Command } from './arguments.js';
import { describe } from './code-frame.js';

const exitCodes = { built: 0, failed: 1, usage: 2, refused: 3 } as const;

/** Runs the command, and sets the exit code of the process. */
export async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  try {
    const command = parseCommand(args);
    if (typeof command === 'string') {
      process.stdout.write(command === 'help' ? usage : `${await version()}\n`);
      return;
    }
    const { report } = await build(command);
    process.stdout.write(json ? `${JSON.stringify({ output: command.output, ...report })}\n` : shown(command, report));
  } catch (error) {
    process.exitCode = tell(error, json);
  } finally {
    await stop();
  }
}

/** Builds the plugin and puts it in place in one step. A plugin that was there before does not outlive a failure. */
async function build(command: Command): Promise<BuiltPlugin> {
  const { entry, output, samples: files, json: _, ...options } = command;
  const temporary = `${output}.${randomUUID()}.tmp`;
  try {
    if (path.resolve(entry) === path.resolve(output)) {
      throw new UsageError('the plugin would replace its own source');
    }
    const samples = (await Promise.all(files.map(readSamples))).flat();
    const make = (cacheDir?: string) => buildPlugin({ entry }, { ...options, samples, cacheDir });
    const built = await make(cacheFolder()).catch((error: unknown) => {
      // A folder that others may write to keeps no code. The build then only takes longer.
      if (error instanceof HookcellError && error.code === 'ERR_CACHE_DIR') {
        return make();
      }
      throw error;
    });
    await writeFile(temporary, built.wasm);
    await rename(temporary, output);
    return built;
  } catch (error) {
    await rm(temporary, { force: true });
    if (!isMisuse(error)) {
      await rm(output, { force: true });
    }
    throw error;
  }
}

/** Where tools keep what they made, if a project is installed here. */
function cacheFolder(): string | undefined {
  const modules = path.resolve('node_modules');
  return existsSync(modules) ? path.join(modules, '.cache', 'hookcell') : undefined;
}

async function readSamples(file: string): Promise<Sample[]> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return (Array.isArray(content) ? content : [content]) as Sample[];
  } catch (cause) {
    throw new UsageError(`the sample ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Says what went wrong, and gives the exit code. */
function tell(error: unknown, json: boolean): number {
  if (error instanceof PluginBuildError) {
    const { problems, inputs, backtrace } = error;
    process.stderr.write(`${problems.map(describe).join('\n\n')}\n`);
    if (backtrace !== undefined && backtrace.length > 1) {
      process.stderr.write(`\n${backtrace.map((frame) => `    at ${frame}\n`).join('')}`);
    }
    if (json) {
      process.stdout.write(`${JSON.stringify({ problems, inputs, backtrace })}\n`);
    }
    return exitCodes.refused;
  }
  if (isMisuse(error)) {
    process.stderr.write(`hookcell-js: ${error.message}\nhookcell-js --help says what there is\n`);
    return exitCodes.usage;
  }
  process.stderr.write(`hookcell-js: ${error instanceof Error ? error.message : String(error)}\n`);
  return exitCodes.failed;
}

/** Is it the command line that is wrong? */
function isMisuse(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof RangeError || error instanceof TypeError;
}

function shown({ output }: Command, { size, hooks, inputs, warnings, ms, sha256 }: BuildReport): string {
  return [
    `${output}: ${kilobytes(size.total)} in ${(ms.total / 1_000).toFixed(1)} s`,
    `  hooks     ${hooks.join(', ')}`,
    `  size      engine ${kilobytes(size.code)}, data ${kilobytes(size.data)}, source map ${kilobytes(size.sourcemap)}`,
    `  made of   ${inputs.map(({ name, bytes }) => `${name} (${kilobytes(bytes)})`).join(', ')}`,
    `  sha256    ${sha256}`,
    ...warnings.map(
      ({ message, file, line }) => `  warning   ${message} (${file ?? '?'}${line === undefined ? '' : `:${line}`})`,
    ),
    '',
  ].join('\n');
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} KB`;
}

async function version(): Promise<string> {
  const manifest = await readFile(path.join(__dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
