import type { FastifyReply, FastifyRequest } from 'fastify';

import { HookcellError } from '../errors.js';
import { noteProblem } from './problem.js';
import { serializerOf } from './serializer.js';
import type { Serializer } from './serializer.js';

/** The hooks after the handler of one request. */
export interface PayloadHooks {
  /** Resolves what they make of the answer: the very value that they are given, where they change nothing. */
  change(data: unknown): Promise<unknown>;
  /** What the error handling is given where they cannot see the answer. */
  refuse(error: HookcellError): Error;
}

const waiting = new WeakMap<FastifyRequest, PayloadHooks>();

/** Has hooks see the answer of this request, which is about to be serialized. */
export function setPayloadHooks(request: FastifyRequest, hooks: PayloadHooks): void {
  waiting.set(request, hooks);
}

/** Forgets the hooks of an answer that could not be serialized: what an error handler answers in its place is not for them. */
export function dropPayloadHooks(request: FastifyRequest): void {
  waiting.delete(request);
}

/** The hooks that are to see the answer, once. */
export function takePayloadHooks(request: FastifyRequest): PayloadHooks | undefined {
  const hooks = waiting.get(request);
  waiting.delete(request);
  return hooks;
}

/**
 * Runs hooks on an answer as it is serialized: they see what the client would get, whichever schema or serializer has had
 * its say. What they leave alone is sent as it is.
 */
export async function changePayload(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  hooks: PayloadHooks,
): Promise<unknown> {
  if (payload === undefined) {
    return payload;
  }
  try {
    const data = parse(payload);
    const changed = await hooks.change(data);
    return changed === data ? payload : serialize(reply, String(payload), data, changed);
  } catch (error) {
    const problem =
      error instanceof UnseenPayload ? hooks.refuse(new HookcellError('ERR_CONTEXT', error.message)) : error;
    noteProblem(request, problem);
    throw problem;
  }
}

/** The hooks cannot see the answer, or it cannot be what they made of it. */
class UnseenPayload extends Error {}

function parse(payload: unknown): unknown {
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) {
    throw new UnseenPayload(
      'an onSend hook changed the answer before hookcell saw it: register hookcell before that one',
    );
  }
  try {
    return JSON.parse(String(payload));
  } catch {
    throw new UnseenPayload('the answer is no JSON when it is serialized: hooks after the handler cannot see it');
  }
}

/**
 * Serializes a changed answer as the first one was, so that a response schema holds for it too. A serializer that makes
 * something else of its own output (an envelope, say) is not asked again: the hooks have seen what it made.
 */
function serialize(reply: FastifyReply, text: string, data: unknown, changed: unknown): unknown {
  const serializer = serializerOf(reply);
  if (!isStable(serializer, data, text)) {
    return JSON.stringify(changed);
  }
  try {
    return serializer(changed);
  } catch (error) {
    throw new UnseenPayload(
      `what hooks made of the answer does not fit its response schema: ${(error as Error).message}`,
    );
  }
}

function isStable(serializer: Serializer, data: unknown, text: string): boolean {
  try {
    return String(serializer(data)) === text;
  } catch {
    return false;
  }
}
