import { HookcellError } from 'hookcell';

/** How a call ended, in one word. */
export function codeOf(result) {
  if (result.ok) {
    return 'ok';
  }
  return result.fault?.code ?? 'rejected';
}

/**
 * The response to a call.
 *
 * @param {Promise<import('hookcell').PluginResult>} call
 * @param {AbortSignal} [signal] a signal that may end the call
 */
export async function answerTo(call, signal) {
  let result;
  try {
    result = await call;
  } catch (error) {
    return refusalOf(error, signal);
  }
  const { ctx, error, details } = result;
  const code = codeOf(result);
  return code === 'ok' || code === 'rejected' ? { code, ctx, error, details } : { code };
}

/**
 * The response to an error.
 *
 * @param {AbortSignal} [signal] a signal whose reason the error may be
 */
export function refusalOf(error, signal) {
  if (signal?.aborted && error === signal.reason) {
    return { code: 'aborted' };
  }
  return error instanceof HookcellError ? { code: error.code, limit: error.limit } : { code: String(error) };
}
