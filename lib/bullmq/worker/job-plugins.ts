import { createHash } from 'node:crypto';

import { HookcellError } from '../../errors.js';
import { shown } from '../../values/shown-text.js';
import type { JsonValue } from '../../values/json.js';
import { kindOf } from '../../values/value-kind.js';
import type { WasmRuntime } from '../../runtime.js';
import type { JobPlugin } from '../hook-job.js';
import type { JobEntry } from './job-source.js';
import { PluginAway } from './plugin-away.js';
import type { HookWorkerSettings } from './worker-options.js';

/** What a worker needs of a runtime. */
export type JobRuntime = Pick<WasmRuntime, 'callChain' | 'callHook' | 'loadPluginBytes' | 'plugins' | 'unloadPlugin'>;

/** A plugin that can be called. */
export interface CallablePlugin {
  /** The name that the runtime knows it by. */
  readonly plugin: string;
  /** The configuration of the tenant, if the plugin is of a set and has one. */
  readonly config?: JsonValue | undefined;
}

/** The plugins of jobs, loaded under their digests. */
export class JobPlugins {
  readonly #runtime: JobRuntime;
  readonly #settings: HookWorkerSettings;
  /** In the order in which they were last used. */
  readonly #loads = new Map<string, Promise<string>>();
  readonly #uses = new Map<string, number>();
  readonly #closing = new AbortController();

  constructor(runtime: JobRuntime, settings: HookWorkerSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
  }

  /** Ends loads that are under way. */
  close(): void {
    this.#closing.abort(new Error('the worker is closing'));
  }

  /**
   * Runs something with plugins, which stay loaded meanwhile.
   *
   * @throws {@link PluginAway} if one cannot be had, or {@link HookcellError} if it is refused
   */
  async with<T>(
    [first, ...others]: readonly JobPlugin[],
    tenant: string | null,
    run: (plugins: readonly CallablePlugin[]) => Promise<T>,
  ): Promise<T> {
    return first === undefined
      ? await run([])
      : await this.#withOne(first, tenant, (one) => this.with(others, tenant, (rest) => run([one, ...rest])));
  }

  async #withOne<T>(plugin: JobPlugin, tenant: string | null, run: (plugin: CallablePlugin) => Promise<T>): Promise<T> {
    const { name, inSet } = plugin;
    if (inSet !== undefined) {
      const held = await this.#settings.plugins?.holdVersion({ name, ...inSet }, tenant);
      if (held !== undefined) {
        try {
          return await run(held.chosen);
        } finally {
          held.release();
        }
      }
      if (!inSet.isModule) {
        // Without its limits and its configuration, it would be another plugin.
        const has = this.#settings.plugins === undefined ? 'the worker has no plugin set' : 'the set does not have it';
        throw new PluginAway(`the version ${inSet.id} of '${shown(name)}' cannot be had: ${has} (plugins)`);
      }
    }
    return await this.#withLoaded(plugin, run);
  }

  async #withLoaded<T>(plugin: JobPlugin, run: (plugin: CallablePlugin) => Promise<T>): Promise<T> {
    const { sha256 } = plugin;
    this.#uses.set(sha256, (this.#uses.get(sha256) ?? 0) + 1);
    try {
      return await run({ plugin: await this.#load(plugin) });
    } finally {
      const left = (this.#uses.get(sha256) ?? 1) - 1;
      if (left === 0) {
        this.#uses.delete(sha256);
      } else {
        this.#uses.set(sha256, left);
      }
      this.#unloadOldest();
    }
  }

  async #load(plugin: JobPlugin): Promise<string> {
    const { sha256, name, inSet } = plugin;
    let load = this.#loads.get(sha256);
    const own = this.#runtime.plugins().filter((info) => info.sha256 === sha256);
    // The same bytes under another name may have a configuration that is not for this job, and so may a plugin that is of no set.
    if (inSet === undefined && own.some(({ key }) => key === name)) {
      return name;
    }
    load ??= this.#fetch(plugin, own[0]?.key);
    this.#loads.delete(sha256);
    this.#loads.set(sha256, load);
    try {
      return await load;
    } catch (error) {
      this.#loads.delete(sha256);
      throw error;
    }
  }

  /** @param other - a name under which the runtime has the same bytes */
  async #fetch(plugin: JobPlugin, other: string | undefined): Promise<string> {
    const { sha256, name } = plugin;
    const { source, isolate, sourceTimeoutMs } = this.#settings;
    if (source === undefined) {
      const where = other === undefined ? 'not loaded' : `loaded only as '${shown(other)}'`;
      throw new PluginAway(`'${shown(name)}' (${sha256}) is ${where}, and the worker has no source`);
    }
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(sourceTimeoutMs)]);
    let bytes;
    try {
      bytes = await Promise.race([this.#collect(plugin, signal), aborted(signal)]);
    } catch (error) {
      throw new PluginAway(`the source gave no module for '${shown(name)}': ${(error as Error).message}`);
    }
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (digest !== sha256) {
      // A source in the middle of a change may be right later.
      throw new PluginAway(`the source gave a module for '${shown(name)}' whose SHA-256 is ${digest}, not ${sha256}`);
    }
    const key = `job:${sha256}`;
    await this.#runtime.loadPluginBytes(key, bytes, { sha256, isolate });
    return key;
  }

  async #collect({ name, sha256, version, source }: JobPlugin, signal: AbortSignal): Promise<Uint8Array> {
    const { maxSourceBytes: maxBytes, source: get } = this.#settings;
    const about = { name, sha256, ...(version !== undefined && { version }), ...(source !== undefined && { source }) };
    const entry: JobEntry = { ...about, order: 0, enabled: true, mode: 'enforce', sample: 1, sticky: 'tenant' };
    const given: unknown = await get?.(entry, { signal, maxBytes });
    const isBytes = given instanceof Uint8Array || Buffer.isBuffer(given);
    const pieces = (isBytes ? [given] : given) as AsyncIterable<unknown>;
    if (typeof given !== 'object' || given === null || !(Symbol.asyncIterator in pieces || Symbol.iterator in pieces)) {
      throw new TypeError(`it must give a Uint8Array or a stream of them, got ${kindOf(given)}`);
    }
    const kept: Uint8Array[] = [];
    let length = 0;
    for await (const piece of pieces) {
      signal.throwIfAborted();
      if (!ArrayBuffer.isView(piece)) {
        throw new TypeError(`its stream must give Uint8Arrays, got ${kindOf(piece)}`);
      }
      length += piece.byteLength;
      if (length > maxBytes) {
        throw new RangeError(`it gave more than maxSourceBytes (${maxBytes})`);
      }
      kept.push(Uint8Array.from(piece as Uint8Array));
    }
    return Buffer.concat(kept, length);
  }

  /** Plugins that were not used lately make room for others. */
  #unloadOldest(): void {
    for (const [sha256, load] of this.#loads) {
      if (this.#loads.size <= this.#settings.maxPlugins) {
        return;
      }
      if (!this.#uses.has(sha256)) {
        this.#loads.delete(sha256);
        void load.then((key) => this.#runtime.unloadPlugin(key)).catch(() => undefined);
      }
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason as Error);
    if (signal.aborted) {
      fail();
    }
    signal.addEventListener('abort', fail, { once: true });
  });
}

/** What another time, or another machine, may not refuse. */
const forNow = new Set(['ERR_QUEUE_FULL', 'ERR_QUEUE_TIMEOUT', 'ERR_CLOSED', 'ERR_ISOLATE', 'ERR_NOT_LOADED']);

/** Whether a load or a call will be refused at every attempt: for what the job has, or for the module. */
export function isForGood(error: unknown): boolean {
  return error instanceof HookcellError
    ? !forNow.has(error.code)
    : error instanceof TypeError || error instanceof RangeError;
}
