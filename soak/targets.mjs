// What the server offers to the load: the plugins by name, and how to call each hostile one and how it ends.

/** The runtimes of the server, by name, with their share of libuv's threads. */
export const runtimeSettings = {
  main: { concurrency: 3 },
  second: { concurrency: 1 },
};

/** A visiting runtime or worker thread takes one more thread, and one is left for files. */
export const LIBUV_THREADS = 6;

/** The settings of every runtime. */
export const commonSettings = {
  // A busy machine must not make a good plugin late. Plugins that loop have other deadlines.
  timeoutMs: 20_000,
  queueTimeoutMs: 60_000,
  maxQueue: 1_024,
  maxQueuePerTenant: 96,
  maxContextBytes: 262_144,
  logger: false,
};

/** The worked examples of the kit for plugin authors: one behavior in several languages. */
export const languages = ['assemblyscript', 'javascript', 'rust', 'wat', 'zig'];

/** @param {string} language */
export function exampleFile(language) {
  return `pdk/${language}/validate_email.wasm`;
}

const endless = { maxFuel: Number.MAX_SAFE_INTEGER };

/**
 * Every hostile case by its name: the plugin of fixtures/, how to call it, and the fault that it must end in.
 */
export const hostileCases = {
  crash: { plugin: 'crash', code: 'ERR_TRAP' },
  crashInStart: { plugin: 'crash_in_start', code: 'ERR_TRAP' },
  crashInAlloc: { plugin: 'crash_in_alloc', code: 'ERR_TRAP' },
  loop: { plugin: 'endless_hook', options: { ...endless, timeoutMs: 20 }, code: 'ERR_TIMEOUT' },
  shortLoop: { plugin: 'endless_hook', options: { ...endless, timeoutMs: 1 }, code: 'ERR_TIMEOUT' },
  loopInStart: { plugin: 'endless_start', options: { ...endless, timeoutMs: 15 }, code: 'ERR_TIMEOUT' },
  loopInAlloc: { plugin: 'endless_alloc', options: { ...endless, timeoutMs: 25 }, code: 'ERR_TIMEOUT' },
  loopOnFuel: { plugin: 'endless_hook', code: 'ERR_FUEL' },
  recursion: { plugin: 'endless_recursion', options: endless, code: 'ERR_STACK' },
  memoryBomb: { plugin: 'memory_bomb', code: 'ERR_MEMORY' },
  allocRefuses: { plugin: 'alloc_refuses', code: 'ERR_MEMORY' },
  allocLies: { plugin: 'alloc_lies', code: 'ERR_ABI' },
  resultOutside: { plugin: 'result_outside', code: 'ERR_ABI' },
  resultAbove2Gib: { plugin: 'result_above_2_gib', code: 'ERR_ABI' },
  resultOf4Gib: { plugin: 'result_of_4_gib', code: 'ERR_RESULT' },
  notJson: { plugin: 'not_json', code: 'ERR_RESULT' },
  wrongShape: { plugin: 'wrong_shape', code: 'ERR_RESULT' },
};

/** The good plugins of fixtures/. */
export const peacefulFixtures = ['pass_through', 'modifier', 'counter'];
