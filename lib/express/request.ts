import type { RequestWithHeaders } from '../hooks/request/resolvers.js';

declare global {
  // What `@types/express` declares too: an application that adds `user` to its requests adds it there.
  // oxlint-disable-next-line typescript/no-namespace
  namespace Express {
    // oxlint-disable-next-line typescript/no-empty-object-type
    interface Request {}
  }
}

/**
 * What hooks need of a request, with what the application has added to `Express.Request`. Requests of Express 4 and of
 * Express 5 fit.
 */
export interface ExpressRequest extends RequestWithHeaders, Express.Request {}
