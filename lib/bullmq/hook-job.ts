import { createHash, randomUUID } from 'node:crypto';

import { isRecord } from '../values/value-kind.js';
import type { CallLimits } from '../options/call-options.js';

/** The plugin of a job: which bytes run, and what people call them. */
export interface JobPlugin {
  /** The path or name that the plugin was loaded under where the job was made. */
  readonly name: string;
  /** The SHA-256 of the module, as 64 hexadecimal digits. Other bytes never run. */
  readonly sha256: string;
  /** The version that the module says it is. Not to be trusted. */
  readonly version?: string;
  /** Where the option `source` of a worker finds the module. */
  readonly source?: string;
}

/** What a job carries, as JSON in the queue. */
export interface HookJob {
  /** The version of this shape. */
  readonly format: 1;
  /** The user's key of the operation. */
  readonly key: string;
  readonly plugin: JobPlugin;
  readonly hook: string;
  /** The JSON of the context. */
  readonly context: string;
  readonly tenant: string | null;
  readonly limits?: CallLimits;
  /** How often the host refused it. */
  readonly refusals?: number;
  /** Tells this attempt to add the job from an earlier one. */
  readonly nonce: string;
}

/** The id of the job of a key, a plugin and a hook. BullMQ takes no colon in an id, and a user's key may have one. */
export function jobId(key: string, plugin: string, hook: string): string {
  return `hook-${createHash('sha256')
    .update(JSON.stringify([key, plugin, hook]))
    .digest('hex')
    .slice(0, 40)}`;
}

/** A new nonce. */
export function nonce(): string {
  return randomUUID();
}

/** Reads what a queue gave. `undefined` if this version did not write it. */
export function parseHookJob(data: unknown): HookJob | undefined {
  if (!isRecord(data)) {
    return undefined;
  }
  const { format, key, plugin, hook, context, tenant } = data as Partial<HookJob>;
  const isOurs =
    format === 1 &&
    typeof key === 'string' &&
    typeof hook === 'string' &&
    typeof context === 'string' &&
    (tenant === null || typeof tenant === 'string') &&
    isRecord(plugin) &&
    typeof plugin.name === 'string' &&
    /^[0-9a-f]{64}$/.test(plugin.sha256);
  return isOurs ? (data as HookJob) : undefined;
}
