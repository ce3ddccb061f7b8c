import { HookcellError } from 'hookcell';

/** How a call ended, in one word. */
export function codeOf(result) {
  if (result.ok) {
    return 'ok';
  }
  return result.fault?.code ?? 'rejected';
}

/**
 * What the client is told of a call.
 *
 * @param {Promise<import('hookcell').PluginResult>} call
 * @param {AbortSignal} [signal] what may end it
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
 * What the client is told of an error.
 *
 * @param {AbortSignal} [signal] whose reason it may be
 */
export function refusalOf(error, signal) {
  if (signal?.aborted && error === signal.reason) {
    return { code: 'aborted' };
  }
  return error instanceof HookcellError ? { code: error.code, limit: error.limit } : { code: String(error) };
}
