import { realpath } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

import type { CheckedContext, WholeContext } from '../calls/context.js';
import type { CallRecord, PluginResult } from '../calls/result.js';
import type { Fault } from '../errors.js';
import { warn } from '../diagnostics.js';
import type { Logger } from '../diagnostics.js';
import type { PluginInfo } from '../loads/plugin-info.js';
import type { LimitOptions } from '../native.js';
import type { ParsedGrants } from '../grants/grants.js';
import type { ParsedRecordOptions } from '../options/record-options.js';
import { redacted } from '../grants/secrets.js';
import { Recording } from './recording.js';
import type { KnownPlugin } from './recording.js';
import { RecordingFolder } from './recording-folder.js';

/** Recordings that wait to be written; further ones are dropped, because a flood of faults must not fill the memory. */
const MOST_WAITING = 16;

/** The plugins to remember. Of one that is forgotten, the digest and the limits of its load are not recorded. */
const MOST_PLUGINS = 10_000;

/** How a recorded call ended, in the form of the plugin contract. */
type Outcome =
  | { ok: true; ctx?: { input?: unknown; data?: unknown } }
  | { ok: false; error?: string; details?: unknown[] }
  | { ok: false; fault: Fault };

/** Writes calls of a runtime to files, as fixtures of `@hookcell/cli`. It never fails a call. */
export class Recorder {
  readonly #options: ParsedRecordOptions;
  readonly #limits: LimitOptions | undefined;
  readonly #logger: Logger | undefined;
  readonly #folder: RecordingFolder;
  readonly #plugins = new Map<string, KnownPlugin>();
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  #hasWarned = false;

  /** @param limits - the runtime's own */
  constructor(options: ParsedRecordOptions, limits: LimitOptions | undefined, logger: Logger | undefined) {
    this.#options = options;
    this.#limits = limits;
    this.#logger = logger;
    this.#folder = new RecordingFolder(options.directory, options.maxFiles, options.maxBytes);
  }

  /**
   * Remembers a loaded plugin. A plugin that stays, or is reloaded, keeps the limits and the configuration that the new load does
   * not set.
   */
  remember(
    { key, sha256 }: PluginInfo,
    limits: LimitOptions | undefined,
    config: string | undefined,
    keepsLimits: boolean,
  ): void {
    const before = this.#plugins.get(key);
    const keeps = keepsLimits || before?.sha256 === sha256;
    this.#plugins.delete(key);
    this.#plugins.set(key, {
      sha256,
      limits: keeps ? { ...before?.limits, ...limits } : limits,
      config: config ?? (keeps ? before?.config : undefined),
    });
    for (const oldest of this.#plugins.keys()) {
      if (this.#plugins.size <= MOST_PLUGINS) {
        break;
      }
      this.#plugins.delete(oldest);
    }
  }

  /** A call begins. Each is kept, because only its end tells whether it is recorded. */
  begin(
    key: string,
    hook: string,
    limits: LimitOptions | undefined,
    grants: ParsedGrants | undefined,
    { whole: { input, data } }: CheckedContext<object, unknown>,
  ): Recording {
    return new Recording(key, hook, limits, grants, this.#plugins.get(key), { input, data });
  }

  /**
   * Records a call, if it is one of those to record. What the user could change is read before this returns, and the rest
   * happens later.
   */
  end(call: Recording, result: PluginResult<object>): void {
    if (result.fault === undefined && !this.#isSampled()) {
      return;
    }
    if (this.#waiting >= MOST_WAITING || call.text.length > this.#options.maxBytes) {
      return;
    }
    try {
      const ending = `"expected":${JSON.stringify(outcomeOf(result, call.before))}${logMember(result)}${grantedMembers(result)}`;
      this.#waiting += 1;
      this.#last = this.#last.then(() => this.#write(call, ending, result.fault === undefined ? 'sample' : 'fault'));
    } catch (error) {
      this.#warn(error);
    }
  }

  /** Resolves when everything is written. */
  settled(): Promise<void> {
    return this.#last;
  }

  #isSampled(): boolean {
    const { share } = this.#options;
    return share > 0 && Math.random() < share;
  }

  async #write(call: Recording, ending: string, why: string): Promise<void> {
    try {
      // The caller gets the result first.
      await setImmediate();
      const context = this.#redacted(call.text);
      if (context !== undefined) {
        await this.#folder.add(await this.#recording(call, context, ending, why));
      }
    } catch (error) {
      this.#warn(error);
    } finally {
      this.#waiting -= 1;
    }
  }

  #redacted(text: string): string | undefined {
    const { redact } = this.#options;
    if (redact === undefined) {
      return text;
    }
    const copy = redact(JSON.parse(text) as WholeContext);
    if (copy !== undefined && !('input' in copy)) {
      throw new TypeError('record.redact must return a context or undefined');
    }
    return JSON.stringify(copy);
  }

  async #recording(call: Recording, context: string, ending: string, why: string): Promise<string> {
    const { key, hook, limits, grants, plugin: before } = call;
    const plugin = this.#plugins.get(key) ?? this.#plugins.get(await resolved(key));
    // If it was replaced in the meantime, either may have run.
    const digest = before === undefined || before === plugin ? plugin?.sha256 : undefined;
    const { inlineFuel: _, ...inForce } = { ...this.#limits, ...plugin?.limits, ...limits };
    const rest = { limits: inForce, plugin: digest, recorded: { at: new Date().toISOString(), plugin: key, why } };
    const config = grants?.configReference ?? plugin?.config;
    const configMember = config === undefined ? '' : `"config":${config},`;
    const text = `{"hook":${JSON.stringify(hook)},"context":${context},${ending},`;
    // What the operator wrote stays as it is: references, and no secrets.
    return `${redacted(text)}${configMember}${redacted(JSON.stringify(rest).slice(1))}\n`;
  }

  #warn(error: unknown): void {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      warn(this.#logger, `a call cannot be recorded, and this is said only once: ${(error as Error).message}`);
    }
  }
}

function outcomeOf(result: PluginResult<object>, before: Pick<WholeContext<object>, 'input' | 'data'>): Outcome {
  if (result.ok) {
    const { input, data } = result.ctx;
    const changes = { ...(input === before.input ? {} : { input }), ...(data === before.data ? {} : { data }) };
    return Object.keys(changes).length === 0 ? { ok: true } : { ok: true, ctx: changes };
  }
  const { fault, error, details } = result;
  if (fault !== undefined) {
    return { ok: false, fault };
  }
  return { ok: false, ...(error === undefined ? {} : { error }), ...(details === undefined ? {} : { details }) };
}

function logMember({ log }: CallRecord): string {
  return log === undefined ? '' : `,"log":${JSON.stringify(log)}`;
}

/** The time and the seed that the plugin got, as members of a fixture. */
function grantedMembers({ granted }: CallRecord): string {
  return granted === undefined ? '' : `,${JSON.stringify(granted).slice(1, -1)}`;
}

/** A plugin is known by the path of its file with links resolved. */
async function resolved(key: string): Promise<string> {
  try {
    return await realpath(key);
  } catch {
    return key;
  }
}
