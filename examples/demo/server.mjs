// The server: an ordinary Express application, with the hooks of the tenant of each request.

// oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 passes the rejection of such a handler to answerError.

import express from 'express';
import { problemHandler, wasmHooks } from 'hookcell/express';

/**
 * @param {import('hookcell/express').HookCaller} runtime the runtime with the tenants' plugins
 * @param {import('./database.mjs').Database} database
 * @param {import('./loading.mjs').LoadedTenant[]} tenants
 */
export function createApp(runtime, database, tenants) {
  const hooks = new Map(
    tenants.map(({ id, before, after }) => [
      id,
      wasmHooks(runtime, { before, after, tenantId: tenantOf, headers: ['x-request-id'] }),
    ]),
  );

  function requireTenant(request, response, next) {
    if (hooks.has(tenantOf(request))) {
      next();
    } else {
      response.status(403).json({ error: 'x-tenant names no tenant' });
    }
  }

  function runTenantHooks(request, response, next) {
    return hooks.get(tenantOf(request))(request, response, next);
  }

  async function createUser(request, response) {
    // The before hook has run, so the body is what the plugin made of it.
    const user = await database.addUser(tenantOf(request), request.body);
    if (user === undefined) {
      response.status(409).json({ error: 'email is taken' });
    } else {
      // The after hook runs now, and the client gets its changes.
      response.status(201).json(user);
    }
  }

  async function listUsers(request, response) {
    response.json(await database.users(tenantOf(request)));
  }

  const app = express();
  app.use(requireTenant);
  app.post('/users', express.json(), runTenantHooks, createUser);
  app.get('/users', listUsers);
  app.use(problemHandler());
  app.use(answerError);
  return app;
}

// A header is enough for a demo. A real server takes the tenant from the session, so that a client cannot choose it.
function tenantOf(request) {
  return request.get('x-tenant');
}

// Express recognizes an error handler by its four parameters.
function answerError(error, _request, response, next) {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = error.status ?? 500;
  if (status >= 500) {
    console.error(error);
  }
  response.status(status).json({ error: status < 500 ? error.message : 'Internal Server Error' });
}
