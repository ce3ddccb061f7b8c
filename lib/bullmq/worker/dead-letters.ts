import { RecordingFolder } from '../../record/recording-folder.js';
import { warn } from '../../diagnostics.js';
import { redacted } from '../../grants/secrets.js';
import type { JobStep, ReadJob } from '../hook-job.js';
import type { DeadHook, HookWorkerSettings } from './worker-options.js';

/** The most that a folder of dead jobs may have. The oldest make room: the queue has all of them. */
const MOST_FILES = 10_000;
const MOST_BYTES = 1_073_741_824;

/** Why a job dies, and with which of its plugins. */
export interface Death extends Pick<DeadHook, 'context' | 'why' | 'message'> {
  readonly step: JobStep | undefined;
}

/** Tells of jobs that will not be tried again. */
export class DeadLetters {
  readonly #settings: HookWorkerSettings;
  readonly #folder: RecordingFolder | undefined;

  constructor(settings: HookWorkerSettings) {
    const { deadLetterDir } = settings;
    this.#settings = settings;
    this.#folder = deadLetterDir === undefined ? undefined : new RecordingFolder(deadLetterDir, MOST_FILES, MOST_BYTES);
  }

  /** Tells of a job. What fails here is logged, and does not change how the job ends. */
  async add(id: string, { key, hook }: ReadJob, { step, context, why, message }: Death): Promise<void> {
    const { logger, onDead } = this.#settings;
    const plugin = step?.plugin ?? null;
    const dead: DeadHook = { id, key, plugin, hook, context, why, message };
    warn(logger, `the job ${id} (${key}, ${plugin?.name ?? 'no plugin'} ${hook}) is dead: ${message}`);
    try {
      await this.#folder?.add(redacted(fixture(dead, step)));
      await onDead?.(dead);
    } catch (error) {
      warn(logger, `the dead job ${id} cannot be told of: ${(error as Error).message}`);
    }
  }
}

/** A fixture of the command `hookcell`, which `hookcell replay` runs again. */
function fixture({ id, key, plugin, hook, context, why, message }: DeadHook, step: JobStep | undefined): string {
  const { inlineFuel: _, ...limits } = step?.limits ?? {};
  const about = { plugin: plugin?.name, version: plugin?.version, job: id, why, message };
  const recorded = { at: new Date().toISOString(), ...about };
  return `${JSON.stringify({ context, name: key, hook, limits, plugin: plugin?.sha256, recorded })}\n`;
}
