import { createHash, randomUUID } from 'node:crypto';

import type { WholeContext } from '../calls/context.js';
import type { HookStage } from '../hooks/failure/failure.js';
import type { CallLimits } from '../options/call-options.js';
import { isRecord } from '../values/value-kind.js';

/** A version of a plugin set, in a job. */
export interface JobVersion {
  /** The identifier of the version. */
  readonly id: string;
  /** The SHA-256 of the manifest that has its entry. */
  readonly manifest: string;
  /** Whether the module alone decides what the plugin does, so that a worker without the set can run it. */
  readonly isModule: boolean;
}

/** The plugin of a job: which bytes run, and what people call them. */
export interface JobPlugin {
  /** The path or name that the plugin was loaded under where the job was made, or what its manifest calls it. */
  readonly name: string;
  /** The SHA-256 of the module, as 64 hexadecimal digits. Other bytes never run. */
  readonly sha256: string;
  /** The version that the module says it is. Not to be trusted. */
  readonly version?: string;
  /** Where the option `source` of a worker finds the module. */
  readonly source?: string;
  /** The version of a plugin set that it is, if it is of one. */
  readonly inSet?: JobVersion;
}

/** A plugin of a job, and how it is called. */
export interface JobStep {
  readonly plugin: JobPlugin;
  readonly limits?: CallLimits;
  /** The job goes on without the plugin, if it fails. */
  readonly onFault?: 'open';
  readonly onReject?: 'open';
}

/** What a job carries, as JSON in the queue. */
export interface HookJob {
  /** The version of this shape. */
  readonly format: 2;
  /** `before`: its plugins run in order on one context. `after`: it has one plugin. */
  readonly stage: HookStage;
  /** The user's key of the operation. */
  readonly key: string;
  readonly steps: readonly JobStep[];
  readonly hook: string;
  /** The JSON of the context. */
  readonly context: string;
  readonly tenant: string | null;
  /** How often the host refused it. */
  readonly refusals?: number;
  /** Tells this attempt to add the job from an earlier one. */
  readonly nonce: string;
}

/** A job that a worker has read, with its context. */
export interface ReadJob extends HookJob {
  readonly given: WholeContext;
}

/** The most plugins of a job. */
export const MOST_STEPS = 1_000;

/**
 * The id of a job. BullMQ takes no colon in an id, and a user's key may have one.
 *
 * @param plugin - its plugin; none for a job with the hooks before an operation, whichever they are
 */
export function jobId(key: string, plugin: string | undefined, hook: string): string {
  return `hook-${createHash('sha256')
    .update(JSON.stringify([key, plugin ?? null, hook]))
    .digest('hex')
    .slice(0, 40)}`;
}

/** A new nonce. */
export function nonce(): string {
  return randomUUID();
}

/** Reads what a queue gave, which anything that reaches the queue may have written. `undefined` if this version did not write it. */
export function parseHookJob(data: unknown): ReadJob | undefined {
  if (!isRecord(data)) {
    return undefined;
  }
  const { format, stage, key, steps, hook, context, tenant, refusals = 0 } = data as Partial<HookJob>;
  const given = parseContext(context);
  const isOurs =
    format === 2 &&
    typeof key === 'string' &&
    typeof hook === 'string' &&
    given !== undefined &&
    (tenant === null || typeof tenant === 'string') &&
    Number.isSafeInteger(refusals) &&
    Array.isArray(steps) &&
    (stage === 'before' ? steps.length <= MOST_STEPS : stage === 'after' && steps.length === 1) &&
    steps.every(isStep);
  return isOurs ? ({ ...data, given } as ReadJob) : undefined;
}

function parseContext(text: unknown): WholeContext | undefined {
  try {
    const context: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
    return isRecord(context) ? (context as unknown as WholeContext) : undefined;
  } catch {
    return undefined;
  }
}

const ID = /^[0-9a-f]{12}$/;
const DIGEST = /^[0-9a-f]{64}$/;

function isStep(value: unknown): value is JobStep {
  const {
    plugin,
    limits = {},
    onFault = 'open',
    onReject = 'open',
  } = (isRecord(value) ? value : {}) as Partial<JobStep>;
  return isRecord(plugin) && isPlugin(plugin) && isRecord(limits) && onFault === 'open' && onReject === 'open';
}

function isPlugin({
  name,
  sha256,
  version = '',
  source = '',
  inSet,
}: Partial<Record<keyof JobPlugin, unknown>>): boolean {
  return (
    typeof name === 'string' &&
    isMatch(sha256, DIGEST) &&
    typeof version === 'string' &&
    typeof source === 'string' &&
    (inSet === undefined || isVersion(inSet))
  );
}

function isVersion(value: unknown): value is JobVersion {
  const { id, manifest, isModule } = (isRecord(value) ? value : {}) as Partial<Record<keyof JobVersion, unknown>>;
  return isMatch(id, ID) && isMatch(manifest, DIGEST) && typeof isModule === 'boolean';
}

function isMatch(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}
