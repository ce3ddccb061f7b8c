// Programs that change all they reach: their calls equal each other, the engine that is not frozen, and V8.

import { WasmRuntime } from 'hookcell';
import { emptyContext, Engine } from '../../pdk/javascript/compare/engine.mjs';
import { outcomeOf } from '../../pdk/javascript/compare/program.mjs';
import { changingProgram } from './changing-program.mjs';

const calls = 1000;
const limits = { logger: false, maxFuel: 1_000_000_000, timeoutMs: 60_000 };

/** Runs program after program. The calls of each alternate with those of the one before. */
export class FreezeTarget {
  #engine;
  #runtime;
  #earlier;
  #loaded = 0;

  static async prepare() {
    const target = new FreezeTarget();
    target.#engine = await Engine.load();
    target.#runtime = new WasmRuntime(limits);
    return target;
  }

  /**
   * The difference that a random program shows, or undefined.
   *
   * @param {import('../../pdk/javascript/compare/random.mjs').Random} random
   */
  async run(random) {
    const program = changingProgram(random);
    const v8 = await program.inV8();
    const unfrozen = outcomeOf(await this.#engine.unfrozen(program.source));
    const { wasm, thrown } = await this.#engine.plugin(program.source);
    if (thrown !== undefined) {
      return { program: program.source, thrown, v8 };
    }
    const plugin = { name: `plugin-${this.#loaded++}` };
    await this.#runtime.loadPluginBytes(plugin.name, wasm);
    plugin.first = await this.#call(plugin);
    const seen = new Set([v8, unfrozen, plugin.first]);
    const others = new Set();
    for (let made = 1; made < calls; made += 20) {
      const some = Array.from({ length: 20 }, (_, i) => (i % 4 === 3 && this.#earlier ? this.#earlier : plugin));
      const outcomes = await Promise.all(some.map((one) => this.#call(one)));
      outcomes.forEach((outcome, i) => {
        if (outcome !== some[i].first) {
          others.add(`${some[i].name}: ${outcome} and at first ${some[i].first}`);
        }
      });
    }
    if (this.#earlier !== undefined) {
      this.#runtime.unloadPlugin(this.#earlier.name);
    }
    this.#earlier = plugin;
    return seen.size === 1 && others.size === 0
      ? undefined
      : { program: program.source, v8, unfrozen, first: plugin.first, later: [...others] };
  }

  async close() {
    await Promise.all([this.#runtime.close(), this.#engine.close()]);
  }

  async #call({ name }) {
    const { ok, ctx, error, fault } = await this.#runtime.callHook(name, 'before_hook', emptyContext);
    if (fault !== undefined) {
      // The message of a fault begins with the name of what was thrown.
      return `throws ${/(\w*Error)\b/.exec(fault.message)?.[1]}`;
    }
    return ok ? JSON.stringify(ctx.data) : `answers ${error}`;
  }
}
