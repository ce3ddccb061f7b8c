import { writeFile } from 'node:fs/promises';

import type { WasmRuntime } from 'hookcell';

import type { ReportedCall } from '../calls/call-report.js';
import type { Grants } from '../calls/grants.js';
import { UsageError } from '../exit.js';
import { shown } from '../terminal/shown-text.js';
import { sampleCall } from './samples.js';
import { speedscope } from './speedscope.js';

/** A profile that was written. */
export interface WrittenProfile {
  readonly file: string;
  readonly samples: number;
}

/**
 * Profiles a call that was made, and writes the profile.
 *
 * @returns `undefined` if it is not known how much fuel the call used
 * @throws {UsageError} if the file cannot be written
 */
export async function writeProfile(
  runtime: WasmRuntime,
  { plugin, hook, context, info, usage, limits }: ReportedCall,
  grants: Grants,
  file: string,
): Promise<WrittenProfile | undefined> {
  if (info === undefined || usage === undefined || usage.fuel === null) {
    return undefined;
  }
  const { fuel, runMs } = usage;
  const samples = sampleCall(runtime, { key: info.key, hook, context, grants, fuel, runMs, limits });
  const profile = speedscope(shown(`${hook} of ${plugin.name}`), samples);
  try {
    await writeFile(file, `${JSON.stringify(profile)}\n`);
  } catch (error) {
    throw new UsageError(`cannot write ${shown(file)}: ${(error as Error).message}`);
  }
  return { file, samples: samples.length };
}
