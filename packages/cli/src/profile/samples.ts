import type { HookContext, LimitName, WasmRuntime } from 'hookcell';

import type { Grants } from '../calls/grants.js';

/** The call to profile, which was made once. */
export interface ProfiledCall {
  /** The loaded plugin. */
  readonly key: string;
  readonly hook: string;
  readonly context: HookContext;
  readonly grants: Grants;
  /** The fuel that it used. */
  readonly fuel: number;
  /** The time that it took. */
  readonly runMs: number;
  /** The limits in force. */
  readonly limits: Record<LimitName, number>;
}

/** Where a call was, after some of its fuel. */
export interface Sample {
  /** The functions, from the outermost to the innermost, as a backtrace names them. */
  readonly stack: readonly string[];
  /** The fuel that it stands for. */
  readonly weight: number;
}

/** So many samples show what takes a 500th of the fuel. */
const MOST_SAMPLES = 500;

/** The most time for all samples together. */
const MOST_MS = 10_000;

/** The most functions of a backtrace; those further out are not in it. */
const MOST_FRAMES = 20;

/**
 * Samples a call at even distances of its fuel. A plugin does the same in every call with the same context, so the call is made
 * again with less fuel for each sample, and the backtrace of the fault tells where it was.
 */
export function sampleCall(runtime: WasmRuntime, call: ProfiledCall): Sample[] {
  const { fuel, runMs, key, hook, context, grants, limits } = call;
  // On average, a sample runs for half of the call.
  const affordable = Math.floor(MOST_MS / 2 / Math.max(runMs / 2, 0.01));
  const count = Math.max(1, Math.min(MOST_SAMPLES, affordable, fuel));
  const end = performance.now() + MOST_MS;
  const samples: Sample[] = [];
  for (let index = 0; index < count; index += 1) {
    const from = Math.floor((fuel * index) / count);
    const weight = Math.floor((fuel * (index + 1)) / count) - from;
    const maxFuel = Math.max(1, from + Math.floor(weight / 2));
    const isInTime = performance.now() < end;
    const stack = isInTime
      ? stackAt(runtime.callHookSync(key, hook, context, { ...grants, maxFuel, timeoutMs: limits.timeoutMs }))
      : ['(not sampled in time)'];
    samples.push({ stack, weight });
  }
  return samples;
}

function stackAt(result: ReturnType<WasmRuntime['callHookSync']>): string[] {
  const fault = result.ok ? undefined : result.fault;
  if (fault?.code !== 'ERR_FUEL' || fault.backtrace === undefined) {
    return ['(unknown)'];
  }
  const stack = fault.backtrace.toReversed();
  return stack.length < MOST_FRAMES ? stack : ['(functions further out)', ...stack];
}
