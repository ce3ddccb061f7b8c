import { readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { openRuntime } from '../calls/author-runtime.js';
import { UsageError } from '../exit.js';
import { inspect } from '../module/inspection.js';
import type { Inspection } from '../module/inspection.js';
import { judge } from '../module/needed-limits.js';
import type { Verdict } from '../module/needed-limits.js';
import type { BuildSettings } from '../languages/language.js';
import type { Entry } from './languages.js';
import { requireTools } from './tools.js';

/** A plugin that was built. */
export interface Built {
  readonly inspection: Inspection;
  readonly verdict: Verdict;
  readonly ms: number;
}

/** The most time to compile a plugin of the author's own: an interpreter takes seconds, and a busy machine ten times as long. */
const MOST_MS = 600_000;

let lastNumber = 0;

/**
 * Builds a plugin and checks it against the contract. It is put in place in one step. If there is none, what was in its place is
 * gone, so that an old plugin is never taken for a new one.
 *
 * @throws {UsageError} if a tool is missing
 * @throws {BuildFailure} if the source makes no plugin
 * @throws {HookcellError} if the host refuses the plugin
 */
export async function build(
  { entry, language }: Entry,
  output: string,
  folder: string,
  settings: BuildSettings = {},
): Promise<Built> {
  if (path.resolve(folder, entry) === path.resolve(output)) {
    throw new UsageError('the plugin would replace its own source');
  }
  const start = performance.now();
  const part = path.join(
    path.dirname(path.resolve(output)),
    `.${path.basename(output)}.${process.pid}-${(lastNumber += 1)}.part`,
  );
  try {
    await requireTools(language, folder);
    await language.build({ entry, output: part, folder, settings });
    const module = await readFile(part);
    const verdict = await check(path.basename(output), module);
    await rename(part, output);
    return { inspection: inspect(module), verdict, ms: performance.now() - start };
  } catch (error) {
    await rm(part, { force: true });
    await rm(output, { force: true });
    throw error;
  }
}

async function check(name: string, module: Uint8Array): Promise<Verdict> {
  const runtime = openRuntime();
  try {
    const verdict = await judge(runtime, name, module, {}, { isolate: false, mostMs: MOST_MS });
    if (verdict.refusal !== undefined) {
      throw verdict.refusal;
    }
    return verdict;
  } finally {
    await runtime.close({ interrupt: true });
  }
}
