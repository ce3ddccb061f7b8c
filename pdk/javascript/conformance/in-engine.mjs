// Tests in the engine of JavaScript plugins, before and after `freeze`, each in a cell of its own.

import { WasmRuntime } from 'hookcell';
import { Engine, emptyContext } from '../compare/engine.mjs';
import { Batch } from './batch.mjs';

const limits = { maxFuel: 2_000_000_000, timeoutMs: 60_000, queueTimeoutMs: 3_600_000, maxMemoryPages: 4096 };
/** A test may ask for them, and V8 has them. */
const time = 1_700_000_000_000;
const seed = 7;
const silent = { warn: () => {}, info: () => {}, error: () => {}, debug: () => {} };

export class InEngine {
  #engine;
  #runtime = new WasmRuntime({ ...limits, maxModuleBytes: 16_777_216, logger: silent });
  #number = 0;

  static async load() {
    const tests = new InEngine();
    tests.#engine = await Engine.load({ ...limits, maxModuleBytes: 16_777_216 });
    // While one plugin is loaded, the others share its machine code.
    const { wasm } = await tests.#engine.plugin('export const before_hook = () => {};');
    await tests.#runtime.loadPluginBytes('first', wasm, { isolate: false });
    return tests;
  }

  async close() {
    await Promise.all([this.#engine.close(), this.#runtime.close()]);
  }

  /**
   * What each test of a batch ends with.
   *
   * @param {Batch} batch
   * @returns {Promise<{ unfrozen: string, frozen: string }[]>}
   */
  async run(batch) {
    const code = await this.#engine.bytecode(batch.source);
    if (code.thrown !== undefined) {
      return this.#oneByOne(batch, code.thrown);
    }
    const { wasm, thrown } = await this.#engine.pluginOf(code);
    if (wasm === undefined) {
      return this.#oneByOne(batch, thrown);
    }
    const name = `batch-${(this.#number += 1)}`;
    await this.#runtime.loadPluginBytes(name, wasm, { isolate: false });
    const outcomes = await Promise.all(
      batch.tests.map(async (_, test) => {
        const context = { ...emptyContext, input: { test } };
        const [frozen, unfrozen] = await Promise.all([
          this.#runtime.callHook(name, 'before_hook', context, { now: time, seed }),
          this.#engine.rehearse(code, { ...context, now: { ms: time, iso: new Date(time).toISOString() }, seed }),
        ]);
        return { unfrozen: unfrozenOutcome(unfrozen), frozen: frozenOutcome(frozen) };
      }),
    );
    this.#runtime.unloadPlugin(name);
    return outcomes;
  }

  /** A test that does not compile, or throws at the top, is why its whole batch does. */
  async #oneByOne(batch, thrown) {
    if (batch.tests.length === 1) {
      const outcome = `does not compile: ${thrown.name ?? 'Error'}`;
      return [{ unfrozen: outcome, frozen: outcome }];
    }
    const outcomes = [];
    for (const test of batch.tests) {
      outcomes.push(...(await this.run(new Batch([test]))));
    }
    return outcomes;
  }
}

function unfrozenOutcome({ ctx, thrown }) {
  return ctx?.data[0] ?? `fails with ${thrown?.name}`;
}

function frozenOutcome({ ok, ctx, fault }) {
  if (ok) {
    return ctx.data[0];
  }
  const [, name] = /^plugin threw: (\w+)|: (\w+): /.exec(fault?.message ?? '') ?? [];
  return `fails with ${fault?.code === 'ERR_THROWN' ? (name ?? fault.message) : fault?.code}`;
}
