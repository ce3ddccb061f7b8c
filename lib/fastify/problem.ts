import { STATUS_CODES } from 'node:http';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { problemBody, problemType } from '../hooks/failure/problem.js';

/** An error with which hooks ended a request, on its way through the error handling. */
interface Ending {
  readonly error: Error & { code?: string; toJSON?(): object };
  /** Whether Fastify's own error handling wrote it with a response schema. */
  bySchema: boolean;
}

const endings = new WeakMap<FastifyRequest, Ending>();

/** Remembers the error that ended a request, if hooks ended it. */
export function noteProblem(request: FastifyRequest, error: unknown): void {
  const body = problemBody(error);
  if (body === undefined) {
    return;
  }
  const ending: Ending = { error: error as Error, bySchema: false };
  const toJSON = ending.error.toJSON?.bind(error);
  Object.defineProperty(error, 'toJSON', {
    configurable: true,
    value(this: unknown) {
      // Only Fastify's serializing calls this on another object, made from the error.
      ending.bySchema ||= this !== error;
      return toJSON?.();
    },
  });
  endings.set(request, ending);
}

/**
 * Replaces the response that Fastify itself wrote to an error of hooks with problem details. The response of an error handler
 * of the server stays as it is. Both contain only what a client may see of the error.
 *
 * If the route has a response schema for the status, it selects the members that are sent. A schema that cannot hold a problem
 * at all, so that Fastify's own error handling fails, is ignored.
 */
export function problemPayload(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const ending = endings.get(request);
  if (ending === undefined || typeof payload !== 'string') {
    return payload;
  }
  const { error, bySchema } = ending;
  if (isSchemaFailure(payload)) {
    reply.code(problemBody(error)?.status ?? 500);
  } else if (bySchema) {
    if (/^application\/json\b/i.test(String(reply.getHeader('content-type')))) {
      reply.type(problemType);
    }
    return payload;
  } else if (!isWrittenByFastify(payload, reply.statusCode, error)) {
    return payload;
  }
  reply.type(problemType);
  return JSON.stringify(problemBody(error));
}

/** Whether the text is what Fastify writes for an error without a response schema. */
function isWrittenByFastify(text: string, statusCode: number, { code, message }: Ending['error']): boolean {
  // In the order in which Fastify writes them.
  return text === JSON.stringify({ statusCode, code, error: STATUS_CODES[statusCode], message });
}

/** Whether the text is what Fastify writes if the response schema fails on an error. */
function isSchemaFailure(text: string): boolean {
  try {
    return (JSON.parse(text) as { code?: unknown } | null)?.code === 'FST_ERR_FAILED_ERROR_SERIALIZATION';
  } catch {
    return false;
  }
}
