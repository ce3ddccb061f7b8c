import { closedError, refusalError } from '../errors.js';
import type { FaultCode, Refusal } from '../errors.js';
import type { CodeFrom } from '../loads/plugin-info.js';
import { NativeBuilder } from '../native.js';
import { parseCloseOptions } from '../options/close-options.js';
import type { CloseOptions } from '../options/close-options.js';
import { interruptAtExit } from '../process/process-exit.js';
import { UnderWay } from '../under-way.js';
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
  #closing: Promise<void> | undefined;

  /** Where the engine's machine code came from. */
  readonly codeFrom: CodeFrom;

  private constructor(native: NativeBuilder, queue: BuildQueueSettings, codeFrom: CodeFrom) {
    this.#native = native;
    this.#queue = queue;
    this.codeFrom = codeFrom;
  }

  /**
   * Gets an engine from `cacheDir`, or compiles it off the event loop, which takes about a second. Builders of the same engine
   * share its code. `name` is the engine's name in messages.
   *
   * @throws {@link HookcellError} `ERR_COMPILE` or `ERR_LIMIT` if the bytes are no engine, `ERR_CACHE_DIR`, `ERR_ISOLATE`
   * @throws the signal's reason if the signal aborts before the engine is loaded
   * @throws `TypeError` or `RangeError` if an option is invalid
   */
  static async load(name: string, engine: Uint8Array, options?: BuilderOptions): Promise<PluginBuilder> {
    const { codeCache, isolate, limits, signal, queue } = parseBuilderOptions(options);
    signal?.throwIfAborted();
    const native = new NativeBuilder();
    const load = native.load(name, engine, codeCache, isolate, limits);
    const { result } = interruptible(load, () => native.cancelAll(), signal);
    const { codeFrom, refused } = JSON.parse(await result) as { codeFrom: CodeFrom; refused?: Refusal };
    if (refused !== undefined) {
      throw refusalError(refused);
    }
    interruptAtExit(native);
    return new PluginBuilder(native, queue, codeFrom);
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
