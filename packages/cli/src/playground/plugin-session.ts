import { HookcellError } from 'hookcell';
import type { PluginInfo, WasmRuntime } from 'hookcell';

import { openRuntime } from '../calls/author-runtime.js';
import { contextBytes, makeCall } from '../calls/call.js';
import type { Call } from '../calls/call.js';
import type { ReportedCall } from '../calls/call-report.js';
import { PluginFile } from '../calls/plugin-file.js';
import { UsageError } from '../exit.js';
import { limitsInForce } from '../input/limit-flags.js';
import type { ChosenLimits } from '../input/limit-flags.js';

/** A plugin as its file is now. */
interface Loaded {
  readonly plugin: PluginFile;
  readonly runtime: WasmRuntime;
}

/** The plugin of the page, which is read again when its file changes. */
export class PluginSession {
  #loaded: Loaded;
  #problem: string | undefined;

  private constructor(
    readonly file: string,
    readonly limits: ChosenLimits,
    plugin: PluginFile,
  ) {
    this.#loaded = { plugin, runtime: openRuntime() };
  }

  /** @throws {UsageError} if the file cannot be read */
  static async open(file: string, limits: ChosenLimits): Promise<PluginSession> {
    return new PluginSession(file, limits, await PluginFile.read(file));
  }

  /** Reads the file again. Resolves with whether there is something new to tell. */
  async refresh(): Promise<boolean> {
    const problemBefore = this.#problem;
    try {
      const plugin = await PluginFile.read(this.file);
      this.#problem = undefined;
      const isSame = plugin.sha256 === this.#loaded.plugin.sha256;
      if (!isSame) {
        await this.close();
        this.#loaded = { plugin, runtime: openRuntime() };
      }
      return !isSame || problemBefore !== undefined;
    } catch (error) {
      if (!(error instanceof UsageError)) {
        throw error;
      }
      // A build removes the plugin before it writes the next one.
      this.#problem = error.message;
      return problemBefore === undefined;
    }
  }

  /** The plugin, what the host says about it, and why its file cannot be read now. */
  async state(): Promise<{ plugin: PluginFile; info?: PluginInfo; problem?: string }> {
    const { plugin, runtime } = this.#loaded;
    const problem = this.#problem === undefined ? {} : { problem: this.#problem };
    try {
      return { plugin, info: await plugin.load(runtime, this.limits), ...problem };
    } catch (error) {
      if (!(error instanceof HookcellError)) {
        throw error;
      }
      return { plugin, problem: `${error.code} ${error.message}`, ...problem };
    }
  }

  /** Makes a call. */
  async call({ hook, context, grants }: Omit<Call, 'limits'>): Promise<ReportedCall> {
    const { plugin, runtime } = this.#loaded;
    const { limits } = this;
    const made = await makeCall(runtime, plugin, { hook, context, limits, grants });
    return {
      ...made,
      plugin,
      hook,
      context,
      limits: limitsInForce(limits, made.info?.declaredLimits, contextBytes(context, grants)),
    };
  }

  /** Ends running calls. */
  async close(): Promise<void> {
    await this.#loaded.runtime.close({ interrupt: true });
  }
}
