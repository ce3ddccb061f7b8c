import { WasmRuntime } from 'hookcell';
import { commonSettings } from '../targets.mjs';
import { codeOf, refusalOf } from './answers.mjs';

/** The default of `maxMemoryPages`. */
const MOST_MEMORY_BYTES = 256 * 65_536;

/** A runtime whose calls and loads are counted. The middleware uses it like any runtime. */
export class CountedRuntime {
  #runtime;
  #tally;
  #open = 0;

  /**
   * @param {import('hookcell').SandboxConfig} settings in addition to those of every runtime
   * @param {import('./tally.mjs').Tally} tally
   */
  constructor(settings, tally) {
    this.#runtime = new WasmRuntime({ ...commonSettings, ...settings });
    this.#tally = tally;
  }

  /** Calls that are in progress. */
  get open() {
    return this.#open;
  }

  async callHook(plugin, hook, context, options) {
    this.#tally.begin();
    this.#open += 1;
    const start = performance.now();
    let code;
    try {
      const result = await this.#runtime.callHook(plugin, hook, context, options);
      code = codeOf(result);
      this.#checkUsage(hook, result, performance.now() - start, options?.timeoutMs);
      return result;
    } catch (error) {
      ({ code } = refusalOf(error, options?.signal));
      throw error;
    } finally {
      this.#open -= 1;
      this.#tally.settle(code);
    }
  }

  /** @returns {Promise<object>} the response */
  loadPlugin(path, options) {
    return this.#counted(this.#runtime.loadPlugin(path, options));
  }

  /** @returns {Promise<object>} the response */
  loadPluginBytes(name, bytes, options) {
    return this.#counted(this.#runtime.loadPluginBytes(name, bytes, options));
  }

  /** @returns {Promise<object>} the response */
  reloadPlugin(name, bytes, options) {
    return this.#counted(this.#runtime.reloadPlugin(name, bytes, options));
  }

  unloadPlugin(plugin) {
    return this.#runtime.unloadPlugin(plugin);
  }

  close(options) {
    return this.#runtime.close(options);
  }

  #checkUsage(hook, { fault, usage }, wallMs, timeoutMs = commonSettings.timeoutMs) {
    const { queueMs, runMs, memoryBytes } = usage;
    // The two clocks are not read at the same moment.
    if (queueMs + runMs > wallMs + 1 || memoryBytes > MOST_MEMORY_BYTES) {
      this.#tally.countImpossibleUsage();
    }
    if (fault?.code === 'ERR_TIMEOUT') {
      this.#tally.recordOverrun(hook, runMs - timeoutMs, wallMs - queueMs - timeoutMs);
    }
  }

  async #counted(load) {
    let answer;
    try {
      await load;
      answer = { code: 'loaded' };
    } catch (error) {
      answer = refusalOf(error);
    }
    this.#tally.countLoad(answer.code);
    return answer;
  }
}
