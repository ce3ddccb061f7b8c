import { HookcellError } from 'hookcell';
import type { Built, BuildStep } from 'hookcell/builder';

import { PluginBuildError } from '../errors.js';
import type { BuildErrorCode } from '../errors.js';
import type { ParsedOptions, Sample } from '../build/build-options.js';
import type { Bundle } from '../bundle/bundle.js';
import type { Engine } from './engine.js';
import { readThrown } from './thrown.js';
import type { Thrown } from './thrown.js';

/** Bytecode or an image is longer than a call's result may be. */
const maxResultBytes = 67_108_864;

/** The keys that every context has. */
const emptyContext = { input: {}, data: null, user: null, headers: {}, tenant_id: null };
/** A context with something in each. */
const fullContext = {
  input: { email: 'ada@example.com', name: 'Ada' },
  data: { email: 'ada@example.com' },
  user: { id: 'u1', role: 'admin' },
  headers: { 'x-request-id': '7' },
  tenant_id: 'acme',
};
/** Headers that requests often have. A call that finds a new key writes to three more pages of memory. */
const commonHeaders =
  'accept accept-encoding accept-language authorization cache-control connection content-length content-type ' +
  'cookie forwarded host idempotency-key if-none-match origin pragma referer sec-fetch-dest sec-fetch-mode ' +
  'sec-fetch-site sec-fetch-user traceparent tracestate transfer-encoding upgrade-insecure-requests user-agent ' +
  'via x-api-key x-correlation-id x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip x-request-id ' +
  'x-requested-with';
/** Each in an object of its own: a shape with all of them would be no request's. */
const anyRequest = { data: commonHeaders.split(' ').map((name) => ({ [name]: '' })) };

/** Compiles a bundle to the engine's bytecode, in a sandbox. */
export async function compile(
  { compiler }: Engine,
  bundle: Bundle,
  { limits, signal, turn }: ParsedOptions,
): Promise<Uint8Array> {
  const { maxModuleBytes: _, ...sandbox } = limits;
  const step = { step: 'compile', input: Buffer.from(`${bundle.name}\0${bundle.code}`) };
  const built = await compiler.run([step], { ...sandbox, ...turn, maxResultBytes, signal });
  const [code] = built.answers;
  const thrown = readThrown(code, bundle);
  if (thrown !== undefined) {
    throw new PluginBuildError({ code: 'ERR_SYNTAX', message: thrown.message, ...thrown.location });
  }
  if (built.fault !== undefined || code === undefined) {
    throw faultError(built.fault, 'the source');
  }
  return code;
}

/** A plugin, and what its source exports. */
interface MadePlugin {
  wasm: Uint8Array;
  /** The names of the functions, in order. */
  hooks: string[];
  /** The names of everything else. */
  others: string[];
}

/** Runs the top level of a plugin in a sandbox, and takes what it leaves. */
export async function makePlugin(
  { runtime }: Engine,
  bundle: Bundle,
  bytecode: Uint8Array,
  { samples, rehearse, limits, signal, turn }: ParsedOptions,
): Promise<MadePlugin> {
  const steps = [
    { step: 'load', input: bytecode },
    ...[emptyContext, fullContext, anyRequest, ...samples].map((sample) => learn(sample)),
    ...(rehearse ? samples.map((sample) => rehearsal(sample)) : []),
    { step: 'freeze', input: new Uint8Array() },
  ];
  const built = await runtime
    .run(steps, { ...limits, ...turn, maxResultBytes, makesPlugin: true, signal })
    .catch((error: unknown) => {
      throw isTooLarge(error) ? tooLarge(error, bundle) : error;
    });
  refuseFailure(built, steps, bundle);
  const { hooks, others } = JSON.parse(Buffer.from(built.answers[0]!).toString()) as {
    hooks: { name: string }[];
    others: string[];
  };
  return { wasm: built.plugin!, hooks: hooks.map(({ name }) => name).toSorted(), others };
}

function learn(sample: Sample): BuildStep {
  return { step: 'learn', input: Buffer.from(contextOf(sample)) };
}

/** The index of `before_hook` is 0 in the engine, and that of `after_hook` is 1. */
function rehearsal(sample: Sample): BuildStep {
  const index = sample.data === undefined || sample.data === null ? 0 : 1;
  return { step: 'rehearse', input: Buffer.concat([Buffer.of(index), Buffer.from(contextOf(sample))]) };
}

function contextOf(sample: Sample): string {
  return JSON.stringify({ ...emptyContext, ...sample });
}

function refuseFailure({ answers, fault }: Built, steps: BuildStep[], bundle: Bundle): void {
  const thrown = readThrown(answers.at(-1), bundle);
  if (thrown !== undefined) {
    const where = steps[answers.length - 1]?.step === 'rehearse' ? 'a hook throws on a sample' : 'the top level throws';
    throw thrownError(thrown, where);
  }
  if (fault !== undefined) {
    throw faultError(fault, steps[answers.length]?.step === 'rehearse' ? 'a hook, on a sample,' : 'the top level');
  }
}

function thrownError({ message, backtrace, location }: Thrown, where: string): PluginBuildError {
  if (message === 'TypeError: the hook returned a promise that never settles') {
    return new PluginBuildError({
      code: 'ERR_UNSETTLED',
      message: 'the top level awaits a promise that never settles: there are no timers and no network to settle it',
    });
  }
  const [, tooMany] = /^RangeError: (a plugin exports at most .*)$/.exec(message) ?? [];
  if (tooMany !== undefined) {
    return new PluginBuildError({ code: 'ERR_EXPORT', message: tooMany });
  }
  return new PluginBuildError({ code: 'ERR_THROWN', message: `${where}: ${message}`, ...location }, { backtrace });
}

const reasons = {
  ERR_FUEL: ['ERR_FUEL', 'used up its fuel'],
  ERR_TIMEOUT: ['ERR_TIMEOUT', 'took too long'],
  ERR_MEMORY: ['ERR_MEMORY', 'needed too much memory'],
  ERR_STACK: ['ERR_STACK', 'nests too deeply'],
} as const satisfies Record<string, readonly [BuildErrorCode, string]>;

/** @param what what ran: `the top level` */
function faultError(fault: Built['fault'], what: string): Error {
  const code = fault?.code ?? 'ERR_TRAP';
  if (!(code in reasons)) {
    // The engine answers with whatever else the author may do, so that this is a mistake in it.
    return new HookcellError(
      'ERR_INTERNAL',
      `the engine of JavaScript failed: ${fault?.message ?? 'it gave no answer'}`,
    );
  }
  const [buildCode, reason] = reasons[code as keyof typeof reasons];
  return new PluginBuildError({ code: buildCode, message: `${what} ${reason}: ${fault!.message}` });
}

function isTooLarge(error: unknown): error is HookcellError {
  return error instanceof HookcellError && error.limit === 'maxModuleBytes';
}

const mostShown = 5;

/** The plugin is larger than `maxModuleBytes`. */
export function tooLarge(cause: Error, { inputs }: Bundle): PluginBuildError {
  const shown = inputs.slice(0, mostShown).map(({ name, bytes }) => `${name} (${bytes.toLocaleString('en')} bytes)`);
  // The host knows only the engine's name.
  const reason = cause.message.replace(/^plugin "[^"]*" has/, 'the plugin has');
  const made = 'what the top level makes takes room, too';
  const message = `${reason}. What takes the most room in the bundle: ${shown.join(', ')}; ${made}`;
  return new PluginBuildError({ code: 'ERR_LIMIT', message }, { inputs, cause });
}
