import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PluginBuilder } from 'hookcell/builder';
import type { Built, BuildStep } from 'hookcell/builder';

// The types of Node.js do not have it.
interface Exports {
  alloc: (size: number) => number;
  memory: { buffer: ArrayBuffer };
  log_ptr: { value: number };
  log_len: { value: number };
  [hook: string]: unknown;
}
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object) => { exports: Exports };
  };
};

const folder = path.join(__dirname, '../../pdk/javascript/engine');
const limits = { maxFuel: 1_000_000_000, timeoutMs: 20_000, maxResultBytes: 4_194_304 };
const openingBrace = 0x7b;

/** The context of a call that is about nothing. */
export const emptyContext = { input: {}, data: null, user: null, headers: {}, tenant_id: null };

/** What a hook in JavaScript answers, and what it logged. */
export interface Answer {
  result: unknown;
  log: unknown[];
}

/** The engine of JavaScript plugins. */
export class Engine {
  private constructor(
    readonly compiler: PluginBuilder,
    readonly runtime: PluginBuilder,
  ) {}

  static async load(): Promise<Engine> {
    const builder = (name: string) => PluginBuilder.load(name, readFileSync(path.join(folder, `${name}.wasm`)));
    const [compiler, runtime] = await Promise.all([builder('compiler'), builder('runtime')]);
    return new Engine(compiler, runtime);
  }

  /** The steps up to a plugin. They end with the first one that throws. */
  async build(source: string, last: readonly BuildStep[] = [], makesPlugin = true): Promise<Built> {
    const compiled = await this.compiler.run([{ step: 'compile', input: bytes(`plugin.js\0${source}`) }], limits);
    const code = compiled.answers[0];
    if (code === undefined || code[0] === openingBrace) {
      return compiled;
    }
    const steps = [
      { step: 'load', input: code },
      { step: 'learn', input: bytes(JSON.stringify(emptyContext)) },
      ...last,
      ...(makesPlugin ? [{ step: 'freeze', input: bytes('') }] : []),
    ];
    return this.runtime.run(steps, { ...limits, makesPlugin });
  }

  /** A plugin. */
  async plugin(source: string): Promise<Uint8Array> {
    const { plugin, answers, fault } = await this.build(source);
    if (plugin === undefined) {
      throw new Error(`no plugin: ${fault?.message ?? text(answers.at(-1))}`);
    }
    return plugin;
  }

  /** What `before_hook` answers in an engine that is not frozen. */
  async unfrozen(source: string, context: object): Promise<unknown> {
    const step = { step: 'rehearse', input: Buffer.concat([Buffer.of(0), bytes(JSON.stringify(context))]) };
    const { answers, fault } = await this.build(source, [step], false);
    return fault ?? parsed(text(answers.at(-1)));
  }
}

/** A call of a plugin by V8, which has no limits: what it answers, and the log that the host would read. */
export function callInV8(plugin: Uint8Array, context: object = emptyContext, hook = 'before_hook'): Answer {
  return new InV8(plugin).call(context, hook);
}

/** A plugin whose calls V8 runs, each in a fresh instance. */
export class InV8 {
  readonly #module: object;

  constructor(plugin: Uint8Array) {
    this.#module = new WebAssembly.Module(plugin);
  }

  call(context: object = emptyContext, hook = 'before_hook'): Answer {
    return this.calls([context], hook)[0]!;
  }

  /** Calls one after the other in the same instance, which the host never makes. */
  calls(contexts: readonly object[], hook = 'before_hook'): Answer[] {
    const { exports } = new WebAssembly.Instance(this.#module);
    return contexts.map((context) => InV8.#answer(exports, context, hook));
  }

  static #answer(exports: Exports, context: object, hook: string): Answer {
    const { alloc, memory, log_ptr, log_len } = exports;
    const input = bytes(JSON.stringify(context));
    const at = alloc(input.length) >>> 0;
    new Uint8Array(memory.buffer, at, input.length).set(input);
    const answer = BigInt.asUintN(64, (exports[hook] as (at: number, length: number) => bigint)(at, input.length));
    const read = (pointer: number, length: number) => text(new Uint8Array(memory.buffer, pointer >>> 0, length >>> 0));
    const lines = read(log_ptr.value, log_len.value).split('\n').slice(0, -1);
    return {
      result: parsed(read(Number(answer >> 32n), Number(answer & 0xffff_ffffn))),
      log: lines.map((line) => JSON.parse(line) as unknown),
    };
  }
}

export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function text(answer: Uint8Array | undefined): string {
  return new TextDecoder().decode(answer);
}

function parsed(answer: string): unknown {
  return answer === '' ? undefined : (JSON.parse(answer) as unknown);
}
