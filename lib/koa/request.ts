import type { Context } from 'koa';

import type { RequestParts } from '../hooks/request/node-request.js';
import { unreadBody } from '../hooks/request/unread-body.js';

/** Koa's own request, with what a body parser adds. */
interface ParsedRequest {
  body?: unknown;
}

/** Where Koa keeps the parts of a request. Its `ctx.body` is that of the response. */
export const koaRequest: RequestParts<Context> = {
  input(ctx) {
    const { body } = ctx.request as ParsedRequest;
    return body === undefined ? {} : body;
  },
  headers: ({ headers }) => headers,
  setInput(ctx, input) {
    (ctx.request as ParsedRequest).body = input;
  },
  alwaysSets: false,
  unreadBody({ request, headers, req: raw }) {
    const parsed = 'body' in request ? { body: (request as ParsedRequest).body } : {};
    return unreadBody({ ...parsed, headers, raw });
  },
};
