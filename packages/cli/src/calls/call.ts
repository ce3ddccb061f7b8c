import { HookcellError } from 'hookcell';
import type { HookContext, LogLine, PluginInfo, PluginResult, Usage, WasmRuntime } from 'hookcell';

import type { ChosenLimits } from '../input/limit-flags.js';
import { grantBytes } from './grants.js';
import type { Grants } from './grants.js';
import { outcomeOf, refusalOutcome } from './outcome.js';
import type { Outcome } from './outcome.js';
import type { PluginFile } from './plugin-file.js';

/** A call to make. */
export interface Call {
  readonly hook: string;
  readonly context: HookContext;
  readonly limits: ChosenLimits;
  readonly grants: Grants;
}

/** A call that was made. */
export interface CallMade {
  readonly outcome: Outcome;
  /** The plugin that ran; missing if its load was refused. */
  readonly info?: PluginInfo;
  /** What the call used; missing if it was refused. */
  readonly usage?: Usage;
  /** What the plugin logged. */
  readonly log?: readonly LogLine[];
  /** The time and the seed that it got. */
  readonly granted?: PluginResult['granted'];
}

/** Makes a call. A refusal of the host, of the plugin or of the call, is an outcome like any other. */
export async function makeCall(runtime: WasmRuntime, plugin: PluginFile, call: Call): Promise<CallMade> {
  let info: PluginInfo | undefined;
  try {
    info = await plugin.load(runtime, call.limits);
    const { grants } = call;
    if (grants.config !== undefined) {
      // As a load with this configuration does.
      await runtime.validateConfig(info.key, grants.config);
    }
    const result: PluginResult = await runtime.callHook(info.key, call.hook, call.context, grants);
    const { usage, log, granted } = result;
    const outcome = outcomeOf(result, call.context);
    return {
      outcome,
      info,
      usage,
      ...(log === undefined ? {} : { log }),
      ...(granted === undefined ? {} : { granted }),
    };
  } catch (error) {
    if (!(error instanceof HookcellError)) {
      throw error;
    }
    return { outcome: refusalOutcome(error), ...(info === undefined ? {} : { info }) };
  }
}

/** The length of what the plugin gets, in bytes. */
export function contextBytes({ input, data, user, headers, tenant_id }: HookContext, grants: Grants = {}): number {
  const whole = {
    input,
    data: data ?? null,
    user: user === undefined || user === null ? null : { id: user.id, role: user.role },
    headers: headers ?? {},
    tenant_id: tenant_id ?? null,
  };
  return Buffer.byteLength(JSON.stringify(whole)) + grantBytes(grants);
}
