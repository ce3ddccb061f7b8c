import type { Context } from 'koa';

import type { HookRun } from '../hooks/hook-run.js';

/** Runs the hooks after the handler on the body of a response, if Koa sends it as JSON. */
export async function changeBody(ctx: Context, run: HookRun<any>): Promise<void> {
  const { body } = ctx;
  if (!isJson(body) || ctx.headerSent || ctx.respond === false) {
    return;
  }
  const changed = await run.after(body);
  if (changed !== body) {
    // Koa responds to `null` with 204, whatever the hooks say of it.
    const { status } = ctx;
    ctx.body = changed;
    ctx.status = changed === null ? 204 : status;
  }
}

/** Whether Koa writes a body as JSON: an object or an array, and not a stream, buffer, blob or response. */
function isJson(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    !ArrayBuffer.isView(body) &&
    !(body instanceof Blob) &&
    !(body instanceof ReadableStream) &&
    !(body instanceof Response) &&
    typeof (body as { pipe?: unknown }).pipe !== 'function'
  );
}
