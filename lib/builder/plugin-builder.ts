import { createHash } from 'node:crypto';

import { closedError, refusalError } from '../errors.js';
import type { FaultCode, Refusal } from '../errors.js';
import type { CodeFrom } from '../loads/plugin-info.js';
import { NativeBuilder } from '../native.js';
import { parseCloseOptions } from '../options/close-options.js';
import type { CloseOptions } from '../options/close-options.js';
import { interruptAtExit } from '../process/process-exit.js';
import { UnderWay } from '../under-way.js';
import { abortable } from './abortable.js';
import { interruptible } from './interruptible.js';
import { parseBuilderOptions, parseBuildOptions } from './builder-options.js';
import type { BuilderOptions, BuildOptions, BuildQueueSettings } from './builder-options.js';

/** A step of a build. */
export interface BuildStep {
  /** The engine's export, of the type of a hook. */
  step: string;
  /** What it gets. */
  input: Uint8Array;
}

/** What the steps of a build made. */
export interface Built {
  /** What the steps that ran answered. A step that answers `{"thrown":…}` is the last one to run. */
  answers: Uint8Array[];
  /** Why the step after them has no answer: it used up a limit, or it trapped. */
  fault?: { code: FaultCode; message: string };
  /** The plugin, if all steps ran and the last one ends in a plugin. */
  plugin?: Uint8Array;
}

/** An engine that is read only if its machine code is not in `cacheDir`, or when the first plugin is built. */
export interface EngineFile {
  /** The SHA-256 of its module, in hexadecimal. */
  sha256: string;
  /** Reads its module. */
  read: () => Promise<Uint8Array>;
}

/** How an engine was loaded. */
interface Loaded {
  codeFrom: CodeFrom;
  holdsCodeOfPlugins: boolean;
}

/**
 * An engine that builds plugins. The steps of a build are calls in one cell, under the limits of a call: what the author of a
 * plugin wrote never runs outside a sandbox.
 */
export class PluginBuilder {
  readonly #native: NativeBuilder;
  readonly #queue: BuildQueueSettings;
  readonly #underWay = new UnderWay();
  /** Makes each build reject, by its number. */
  readonly #interrupts = new Map<number, () => void>();
  #lastNumber = 0;
  /** The engine's module, as long as it is not needed. */
  #unread: EngineFile | undefined;
  #reading: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Where the engine's machine code came from. */
  readonly codeFrom: CodeFrom;

  /**
   * Does the builder hold the machine code that its plugins share, so that the first one loads as fast as the others? It does if an
   * earlier builder with the same `cacheDir` made a plugin, whose code is still there.
   */
  readonly holdsCodeOfPlugins: boolean;

  private constructor(
    native: NativeBuilder,
    queue: BuildQueueSettings,
    loaded: Loaded,
    unread: EngineFile | undefined,
  ) {
    this.#native = native;
    this.#queue = queue;
    this.#unread = unread;
    this.codeFrom = loaded.codeFrom;
    this.holdsCodeOfPlugins = loaded.holdsCodeOfPlugins;
  }

  /**
   * Gets an engine from `cacheDir`, or compiles it off the event loop, which takes about a second. Builders of the same engine
   * share its code. `name` is the engine's name in messages. Of an {@link EngineFile}, code from `cacheDir` is used at once, and
   * its module is read when the first plugin is built.
   *
   * @throws {@link HookcellError} `ERR_COMPILE` or `ERR_LIMIT` if the bytes are no engine, `ERR_DIGEST` if they have another SHA-256,
   * `ERR_CACHE_DIR`, `ERR_ISOLATE`
   * @throws the signal's reason if the signal aborts before the engine is loaded
   * @throws `TypeError` or `RangeError` if an option is invalid
   */
  static async load(name: string, engine: Uint8Array | EngineFile, options?: BuilderOptions): Promise<PluginBuilder> {
    const { codeCache, isolate, limits, signal, queue } = parseBuilderOptions(options);
    signal?.throwIfAborted();
    const native = new NativeBuilder();
    const settled = async <T>(work: Promise<string>) => {
      const { result } = interruptible(work, () => native.cancelAll(), signal);
      return readReply<T>(await result);
    };
    const file = engine instanceof Uint8Array ? undefined : engine;
    const found = file && (await settled<Loaded | null>(native.find(name, file.sha256, codeCache)));
    if (file !== undefined && found) {
      interruptAtExit(native);
      return new PluginBuilder(native, queue, found, file);
    }
    const bytes = file === undefined ? (engine as Uint8Array) : await abortable(readEngine(name, file), signal);
    const loaded = await settled<Loaded>(native.load(name, bytes, codeCache, isolate, limits));
    interruptAtExit(native);
    return new PluginBuilder(native, queue, loaded, undefined);
  }

  /**
   * Runs the steps of a build in order, in a fresh cell. At most two builds run at once in a process; others wait, and tenants
   * take turns.
   *
   * @throws {@link HookcellError} `ERR_LIMIT` if the plugin is longer than `maxModuleBytes`, `ERR_COMPILE` or `ERR_ABI` if the
   * steps leave no plugin, `ERR_NO_HOOK` if the engine has no such step, `ERR_QUEUE_FULL` if too many builds wait or no cell is
   * free, `ERR_QUEUE_TIMEOUT`, `ERR_CLOSED`
   * @throws the signal's reason if the signal aborts before the build ends
   * @throws `TypeError` or `RangeError` if an option is invalid
   */
  async run(steps: readonly BuildStep[], options?: BuildOptions): Promise<Built> {
    const { settings, signal } = parseBuildOptions(options);
    this.#underWay.refuseIfClosed();
    signal?.throwIfAborted();
    if (settings.makesPlugin && this.#unread !== undefined) {
      await abortable(this.#provide(this.#unread), signal);
      this.#underWay.refuseIfClosed();
    }
    const number = (this.#lastNumber += 1);
    const native = steps.map(({ step, input }) => ({ export: step, input }));
    const build = this.#native.run(number, native, { ...settings, ...this.#queue });
    const { result, interrupt } = interruptible(build, () => this.#native.cancel(number), signal);
    this.#underWay.begin();
    this.#interrupts.set(number, () => interrupt(closedError()));
    const { answers, fault, plugin, refused } = await result.finally(() => {
      this.#interrupts.delete(number);
      this.#underWay.end();
    });
    if (refused !== undefined) {
      throw refusalError((JSON.parse(refused) as { refused: Refusal }).refused);
    }
    const built: Built = { answers };
    if (fault !== undefined) {
      const { code, message } = JSON.parse(fault) as { code: FaultCode; message: string };
      built.fault = { code, message };
    }
    if (plugin !== undefined) {
      built.plugin = plugin;
    }
    return built;
  }

  /** Reads the engine's module, of which plugins are made. */
  async #provide(unread: EngineFile): Promise<void> {
    const provide = async () => {
      readReply(await this.#native.provide(await unread.read()));
      this.#unread = undefined;
    };
    // If it fails, the next build tries again.
    this.#reading ??= provide().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  /**
   * Refuses new builds with `ERR_CLOSED`, waits for those in progress, and frees the engine. With `interrupt`, waiting and
   * running builds are ended first and reject with `ERR_CLOSED`.
   *
   * @throws `TypeError` if an option is invalid; the builder then stays open
   */
  async close(options?: CloseOptions): Promise<void> {
    const interrupt = parseCloseOptions(options);
    this.#closing ??= this.#underWay.close().then(() => this.#native.close());
    if (interrupt) {
      for (const end of this.#interrupts.values()) {
        end();
      }
    }
    await this.#closing;
  }

  /** The same as {@link PluginBuilder.close}, for `await using`: waits for builds in progress. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What the addon replies. */
function readReply<T>(reply: string): T {
  const read = JSON.parse(reply) as (T & { refused?: Refusal }) | null;
  if (read?.refused !== undefined) {
    throw refusalError(read.refused);
  }
  return read as T;
}

async function readEngine(name: string, { sha256, read }: EngineFile): Promise<Uint8Array> {
  const bytes = await read();
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) {
    throw refusalError({ code: 'ERR_DIGEST', message: `${name} has the SHA-256 ${actual}, not ${sha256}` });
  }
  return bytes;
}
