import { internalError, refusalError } from '../errors.js';
import type { FaultCode, Refusal } from '../errors.js';
import { loadBuilder } from '../native.js';
import type { NativeBuilder } from '../native.js';
import { parseLimits } from '../options/limits.js';
import type { SandboxLimits } from '../options/limits.js';

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

/** Options of {@link PluginBuilder.run}: the limits of the build, which are those of a call. */
export interface BuildOptions extends SandboxLimits {
  /** Does the last step end in a plugin? Default `false`. */
  makesPlugin?: boolean | undefined;
}

/**
 * An engine that builds plugins. The steps of a build are calls in one cell, under the limits of a call: what the author of a
 * plugin wrote never runs outside a sandbox.
 */
export class PluginBuilder {
  readonly #native: NativeBuilder;

  private constructor(native: NativeBuilder) {
    this.#native = native;
  }

  /**
   * Compiles an engine off the event loop, which takes about a second. `name` is the engine's name in messages.
   *
   * @throws {HookcellError} `ERR_INTERNAL` if the bytes are no engine
   */
  static async load(name: string, engine: Uint8Array): Promise<PluginBuilder> {
    try {
      return new PluginBuilder(await loadBuilder(name, engine));
    } catch (cause) {
      throw internalError(cause);
    }
  }

  /**
   * Runs the steps of a build in order, in a fresh cell. At most two builds run at once in a process; others wait.
   *
   * @throws {HookcellError} `ERR_LIMIT` if the plugin is longer than `maxModuleBytes`, `ERR_COMPILE` or `ERR_ABI` if the steps
   * leave no plugin, `ERR_NO_HOOK` if the engine has no such step, `ERR_QUEUE_FULL` if no cell is free
   */
  async run(steps: readonly BuildStep[], options: BuildOptions = {}): Promise<Built> {
    const limits = parseLimits(options, ['makesPlugin']) ?? {};
    const native = steps.map(({ step, input }) => ({ export: step, input }));
    const { answers, fault, plugin, refused } = await this.#native.run(native, limits, options.makesPlugin === true);
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
}
