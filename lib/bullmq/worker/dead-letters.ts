import { RecordingFolder } from '../../record/recording-folder.js';
import { warn } from '../../diagnostics.js';
import type { HookJob } from '../hook-job.js';
import type { DeadHook, HookWorkerSettings } from './worker-options.js';

/** The most that a folder of dead jobs may have. The oldest make room: the queue has all of them. */
const MOST_FILES = 10_000;
const MOST_BYTES = 1_073_741_824;

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
  async add(id: string, job: HookJob, why: DeadHook['why'], message: string): Promise<void> {
    const { key, plugin, hook, context: text } = job;
    const { logger, onDead } = this.#settings;
    warn(logger, `the job ${id} (${key}, ${plugin.name} ${hook}) is dead: ${message}`);
    try {
      await this.#folder?.add(fixture(id, job, why, message));
      await onDead?.({ id, key, plugin, hook, context: JSON.parse(text), why, message });
    } catch (error) {
      warn(logger, `the dead job ${id} cannot be told of: ${(error as Error).message}`);
    }
  }
}

/** A fixture of the command `hookcell`, which `hookcell replay` runs again. */
function fixture(id: string, job: HookJob, why: string, message: string): string {
  const { key, plugin, hook, context, limits } = job;
  const { inlineFuel: _, ...inForce } = limits ?? {};
  const rest = {
    name: key,
    hook,
    limits: inForce,
    plugin: plugin.sha256,
    recorded: { at: new Date().toISOString(), plugin: plugin.name, version: plugin.version, job: id, why, message },
  };
  return `{"context":${context},${JSON.stringify(rest).slice(1)}\n`;
}
