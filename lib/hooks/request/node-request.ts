import type { RequestSource, RequestWithHeaders } from './resolvers.js';
import { unreadBody } from './unread-body.js';
import type { UnreadBody } from './unread-body.js';

/** Where a framework keeps the parts of a request. */
export interface RequestParts<R> extends RequestSource<R> {
  /** Puts the input where the handler finds it. */
  setInput(request: R, input: unknown): void;
  /** Whether the input is set even if no hook changed it. */
  readonly alwaysSets: boolean;
  /** Why the body cannot be the input, if it cannot. */
  unreadBody(request: R): UnreadBody | undefined;
}

/** The parts of a request of Node's kind: Express, Fastify and Nest have them where Node has the headers. */
export const nodeRequest: RequestParts<RequestWithHeaders> = {
  input: ({ body }) => (body === undefined ? {} : body),
  headers: ({ headers }) => headers,
  requestId: ({ id }) => id,
  setInput(request, input) {
    request.body = input;
  },
  alwaysSets: false,
  unreadBody,
};
