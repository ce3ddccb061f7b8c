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

/** Runs the hooks after a handler on its answer as the client would get it; gives the answer itself where they change nothing. */
export async function changeHandlerResult(response: AnyResponse, answer: unknown, run: HookRun<any>): Promise<unknown> {
  let data: unknown;
  try {
    data = asSent(response, answer);
  } catch (cause) {
    const { message } = cause as Error;
    throw run.refuse(
      new HookcellError('ERR_CONTEXT', `hooks cannot see the answer as it is serialized: ${message}`, { cause }),
    );
  }
  const changed = await run.after(data);
  return changed === data ? answer : changed;
}

/** What the platform's own serializing makes of an answer, where it has something to say. */
function asSent(response: AnyResponse, answer: unknown): unknown {
  if (typeof response.serialize === 'function') {
    return JSON.parse(String(serializerOf(response as FastifyReply)(answer)));
  }
  const replacer = response.app?.get?.('json replacer') as Parameters<typeof JSON.stringify>[1] | undefined;
  // What JSON makes of it otherwise, a plugin is given in any case.
  return replacer ? JSON.parse(JSON.stringify(answer, replacer)) : answer;
}
