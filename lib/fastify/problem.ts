import { STATUS_CODES } from 'node:http';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { problemBody, problemType } from '../hooks/failure/problem.js';

/** What hooks ended, on its way through the error handling. */
interface Ending {
  readonly error: Error & { code?: string; toJSON?(): object };
  /** Whether Fastify's own error handling wrote it with a response schema of the route. */
  bySchema: boolean;
}

const endings = new WeakMap<FastifyRequest, Ending>();

/** Remembers what ended a request, where it was a hook. */
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
      // Fastify gives a serializer an object that is made of the error. Nobody else does.
      ending.bySchema ||= this !== error;
      return toJSON?.();
    },
  });
  endings.set(request, ending);
}

/**
 * Answers what hooks ended as problem details, where the server's error handlers left it to Fastify: that is the answer
 * which Fastify itself wrote. Whatever else an error handler answers is its own business. Neither has more of the error than
 * a client may be shown.
 *
 * A route's response schema for the status decides what of the problem is sent. One that cannot hold a problem at all, and
 * fails Fastify's own error handling, is passed over.
 */
export function answerProblem(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
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

/** Whether the text is what Fastify makes of an error for which the route has no response schema. */
function isWrittenByFastify(text: string, statusCode: number, { code, message }: Ending['error']): boolean {
  // In the order in which Fastify writes them.
  return text === JSON.stringify({ statusCode, code, error: STATUS_CODES[statusCode], message });
}

/** Whether the text is what Fastify answers where the route's response schema failed on an error. */
function isSchemaFailure(text: string): boolean {
  try {
    return (JSON.parse(text) as { code?: unknown } | null)?.code === 'FST_ERR_FAILED_ERROR_SERIALIZATION';
  } catch {
    return false;
  }
}
