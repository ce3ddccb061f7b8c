import type { Context } from 'hono';

import type { WatchedClient, WatchedResponse } from '../hooks/request/client-watch.js';
import type { RequestParts } from '../hooks/request/node-request.js';
import { hasBody } from '../hooks/request/unread-body.js';
import type { RequestStream } from '../hooks/request/unread-body.js';
import type { ExceptionBase } from './exception.js';

/** Where Hono keeps the parts of a request. */
export function honoRequest(Base: ExceptionBase): RequestParts<Context> {
  return {
    async input(c) {
      if (!hasJson(c)) {
        return {};
      }
      const text = await c.req.text();
      return text === '' ? {} : parsed(text, Base);
    },
    headers: ({ req }) => req.header(),
    setInput(c, input) {
      c.set('input', input);
      c.req.addValidatedData('json', input as object);
      // What the handler reads of the body itself is what the hooks left, too.
      (c.req as { bodyCache: object }).bodyCache = { text: Promise.resolve(JSON.stringify(input)) };
    },
    alwaysSets: true,
    unreadBody(c) {
      return !hasJson(c) && bodyIsThere(c)
        ? { problem: 'no parser before the hooks reads a body of this type', status: 415 }
        : undefined;
    },
  };
}

/** The body that the handler has read as JSON or text. `{}` if it has not: it may have read the stream itself. */
export async function readBody(c: Context): Promise<unknown> {
  const { text } = c.req.bodyCache as { text?: unknown };
  try {
    return text !== undefined && hasJson(c) ? JSON.parse(String(await text)) : {};
  } catch {
    return {};
  }
}

/** What shows that the client of a request disconnects: Node's response, where there is one. */
export function clientOf(c: Context): WatchedClient {
  const { outgoing } = (c.env ?? {}) as { outgoing?: WatchedResponse };
  return typeof outgoing?.once === 'function' ? outgoing : c.req.raw.signal;
}

function parsed(text: string, Base: ExceptionBase): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // As Hono's own validator does.
    throw new Base(400, { message: 'Malformed JSON in request body', cause });
  }
}

function hasJson({ req }: Context): boolean {
  return isJsonType(req.header('content-type'));
}

function bodyIsThere({ req, env }: Context): boolean {
  const { incoming } = (env ?? {}) as { incoming?: RequestStream };
  return incoming === undefined ? req.raw.body !== null : hasBody(req.header(), incoming);
}

/** Whether a media type is JSON: `application/json`, or one that ends in `+json`. */
export function isJsonType(type: string | null | undefined): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type ?? '');
}
