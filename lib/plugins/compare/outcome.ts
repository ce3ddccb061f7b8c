import type { HookContext } from '../../calls/context.js';
import type { PluginResult } from '../../calls/result.js';
import { HookcellError } from '../../errors.js';

/** How a call ended, in the form of the plugin contract: a key of `ctx` that is missing is unchanged. */
export type Outcome =
  | { ok: true; ctx?: { input?: unknown; data?: unknown } }
  | { ok: false; error?: string; details?: unknown[] }
  | { ok: false; fault: { code: string; message?: string; backtrace?: string[] } }
  | { refused: { code: string; message?: string; limit?: string } };

/** The kind of an outcome, in one word. */
export type OutcomeKind = 'accepted' | 'rejected' | 'faulted' | 'refused';

/** The kind of an outcome. */
export function outcomeKind(outcome: Outcome): OutcomeKind {
  if ('refused' in outcome) {
    return 'refused';
  }
  if (outcome.ok) {
    return 'accepted';
  }
  return 'fault' in outcome ? 'faulted' : 'rejected';
}

/** The outcome of a call that was made with this context. */
export function outcomeOf(result: PluginResult<object>, context: HookContext<object>): Outcome {
  if (result.ok) {
    const { input, data } = result.ctx;
    const ctx = {
      ...(input === context.input ? {} : { input }),
      ...(data === (context.data ?? null) ? {} : { data }),
    };
    return Object.keys(ctx).length === 0 ? { ok: true } : { ok: true, ctx };
  }
  if (result.fault !== undefined) {
    const { code, message, backtrace } = result.fault;
    return { ok: false, fault: { code, message, ...(backtrace === undefined ? {} : { backtrace }) } };
  }
  const { error, details } = result;
  return {
    ok: false,
    ...(error === undefined ? {} : { error }),
    ...(details === undefined ? {} : { details: details as unknown[] }),
  };
}

/** The outcome of a call that rejects with this error. Throws any other error than a refusal of the host. */
export function refusedOutcome(error: unknown): Outcome {
  if (!(error instanceof HookcellError)) {
    throw error;
  }
  const { code, message, limit } = error;
  return { refused: { code, message, ...(limit === undefined ? {} : { limit }) } };
}

/** What a plugin can change of a context, after a call that ended so. */
export function contextAfter(context: HookContext<object>, outcome: Outcome): { input: unknown; data: unknown } {
  const before = { input: context.input, data: context.data ?? null };
  return 'ok' in outcome && outcome.ok ? { ...before, ...outcome.ctx } : before;
}
