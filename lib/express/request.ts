import type { RequestWithHeaders } from '../hooks/request/resolvers.js';

declare global {
  // Also declared by `@types/express`. An application that adds `user` to its requests adds it there.
  // oxlint-disable-next-line typescript/no-namespace
  namespace Express {
    // oxlint-disable-next-line typescript/no-empty-object-type
    interface Request {}
  }
}

/**
 * The part of a request that hooks need, with what the application has added to `Express.Request`. Requests of Express 4 and
 * Express 5 fit.
 */
export interface ExpressRequest extends RequestWithHeaders, Express.Request {}
