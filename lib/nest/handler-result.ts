import type { FastifyReply } from 'fastify';

import { HookcellError } from '../errors.js';
import { serializerOf } from '../fastify/serializer.js';
import type { HookRun } from '../hooks/hook-run.js';

/** A response of Express, or a reply of Fastify. */
interface AnyResponse {
  app?: { get?(setting: string): unknown } | undefined;
  serialize?: unknown;
  readonly statusCode: number;
}

/** Runs the hooks after a handler on what it returned, as the client would get it. Resolves the same value if they change nothing. */
export async function changeHandlerResult(response: AnyResponse, result: unknown, run: HookRun<any>): Promise<unknown> {
  let data: unknown;
  try {
    data = asSent(response, result);
  } catch (cause) {
    const { message } = cause as Error;
    throw run.refuse(
      new HookcellError('ERR_CONTEXT', `hooks cannot see the response, because it cannot be serialized: ${message}`, {
        cause,
      }),
    );
  }
  const changed = await run.after(data);
  return changed === data ? result : changed;
}

/** What the platform makes of a result when it serializes it. */
function asSent(response: AnyResponse, result: unknown): unknown {
  if (typeof response.serialize === 'function') {
    return JSON.parse(String(serializerOf(response as FastifyReply)(result)));
  }
  const replacer = response.app?.get?.('json replacer') as Parameters<typeof JSON.stringify>[1] | undefined;
  // Without a replacer, plugins get the same JSON in any case.
  return replacer ? JSON.parse(JSON.stringify(result, replacer)) : result;
}
