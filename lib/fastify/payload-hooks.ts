import type { FastifyReply, FastifyRequest } from 'fastify';

import { HookcellError } from '../errors.js';
import { noteProblem } from './problem.js';
import { serializerOf } from './serializer.js';
import type { Serializer } from './serializer.js';

/** The hooks after the handler of one request, which see its serialized payload. */
export interface PayloadHooks {
  /** Resolves the data as they leave it: the same value, if they change nothing. */
  change(data: unknown): Promise<unknown>;
  /** The error that the error handling gets if they cannot see the payload. */
  refuse(error: HookcellError): Error;
}

const waiting = new WeakMap<FastifyRequest, PayloadHooks>();

/** Sets the hooks for the payload of this request, which is serialized next. */
export function setPayloadHooks(request: FastifyRequest, hooks: PayloadHooks): void {
  waiting.set(request, hooks);
}

/** Drops the hooks of a payload that could not be serialized. They must not see what an error handler sends instead. */
export function dropPayloadHooks(request: FastifyRequest): void {
  waiting.delete(request);
}

/** Takes the hooks for the payload, once. */
export function takePayloadHooks(request: FastifyRequest): PayloadHooks | undefined {
  const hooks = waiting.get(request);
  waiting.delete(request);
  return hooks;
}

/**
 * Runs hooks on a serialized payload, so that they see what the client would get, after all schemas and serializers. If they
 * change nothing, it is sent as it is.
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

/** The hooks cannot see the payload, or what they made of it cannot be serialized. */
class UnseenPayload extends Error {}

function parse(payload: unknown): unknown {
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) {
    throw new UnseenPayload(
      'an onSend hook changed the response before hookcell saw it: register hookcell before that hook',
    );
  }
  try {
    return JSON.parse(String(payload));
  } catch {
    throw new UnseenPayload('the serialized response is not JSON: hooks after the handler cannot see it');
  }
}

/**
 * Serializes changed data as the first data was, so that a response schema applies to it too. A serializer that changes its
 * own output (one that adds an envelope, for example) is not called again: the hooks have seen what it made.
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
      `what hooks made of the response does not match its response schema: ${(error as Error).message}`,
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
