import type { ErrorCode, FaultCode, HookContext, JsonObject, JsonValue, PluginResult } from 'hookcell';
import type { HookcellError } from 'hookcell';

import { exitCodes } from '../exit.js';
import type { ExitCode } from '../exit.js';

/** What the plugin changed; a missing key is unchanged. */
export interface Changes {
  input?: JsonValue;
  data?: JsonValue;
}

/** How a plugin fails, as far as it is the same every time. */
export interface FaultOutcome {
  code: FaultCode;
  message?: string;
  backtrace?: string[];
}

/** How a call ended, in the form of the plugin contract: what a fixture expects, and what a recording tells. */
export type Outcome =
  | { ok: true; ctx?: Changes }
  | { ok: false; error?: string; details?: JsonValue[] }
  | { ok: false; fault: FaultOutcome }
  | { refused: { code: ErrorCode; message?: string; limit?: string } };

/** The kind of an outcome, in one word. */
export type OutcomeKind = 'accepted' | 'rejected' | 'faulted' | 'refused';

/** What a command that makes one call exits with. */
export const exitCodeOf: Record<OutcomeKind, ExitCode> = {
  accepted: exitCodes.ok,
  rejected: exitCodes.failed,
  faulted: exitCodes.fault,
  refused: exitCodes.refused,
};

/** The outcome of a call that was made with this context. */
export function outcomeOf(result: PluginResult, context: HookContext): Outcome {
  if (result.ok) {
    const { input, data } = result.ctx;
    const changes: Changes = {};
    if (input !== context.input) {
      changes.input = input;
    }
    if (data !== (context.data ?? null)) {
      changes.data = data as JsonValue;
    }
    return Object.keys(changes).length === 0 ? { ok: true } : { ok: true, ctx: changes };
  }
  if (result.fault !== undefined) {
    return { ok: false, fault: result.fault };
  }
  const { error, details } = result;
  return {
    ok: false,
    ...(error === undefined ? {} : { error }),
    ...(details === undefined ? {} : { details: details as JsonValue[] }),
  };
}

/** The outcome of a call that the host refused. */
export function refusalOutcome({ code, message, limit }: HookcellError): Outcome {
  return { refused: { code, message, ...(limit === undefined ? {} : { limit }) } };
}

/** The kind of an outcome. */
export function kindOf(outcome: Outcome): OutcomeKind {
  if ('refused' in outcome) {
    return 'refused';
  }
  if (outcome.ok) {
    return 'accepted';
  }
  return 'fault' in outcome ? 'faulted' : 'rejected';
}

/** The part of a context that a plugin can change, before and after a call. */
export function contextAfter(context: HookContext, outcome: Outcome): { input: JsonObject; data: JsonValue } {
  const before = { input: context.input, data: (context.data ?? null) as JsonValue };
  return 'ok' in outcome && outcome.ok ? ({ ...before, ...outcome.ctx } as typeof before) : before;
}
