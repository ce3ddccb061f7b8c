import type { FastifyReply } from 'fastify';

/** Serializes the data of a response. */
export type Serializer = (data: unknown) => unknown;

/** How Fastify serializes a response with the status and media type of this reply. */
export function serializerOf(reply: FastifyReply): Serializer {
  const { statusCode } = reply;
  const mediaType = String(reply.getHeader('content-type') ?? 'application/json')
    .split(';', 1)[0]!
    .trim();
  // `reply.serialize` ignores schemas by media type, which are kept in an object.
  for (const status of [String(statusCode), `${String(statusCode)[0]}xx`, 'default']) {
    const found: unknown = reply.getSerializationFunction(status);
    if (typeof found === 'object' && found !== null) {
      const own: unknown =
        reply.getSerializationFunction(status, mediaType) ?? reply.getSerializationFunction(status, '*/*');
      return typeof own === 'function' ? (own as Serializer) : (data) => reply.serialize(data as string);
    }
    if (found !== undefined) {
      break;
    }
  }
  return (data) => reply.serialize(data as string);
}
