// The server: an ordinary Express application, and the hooks of whichever tenant a request belongs to.

// oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 takes what such a handler rejects with to answerError.

import express from 'express';
import { problemHandler, wasmHooks } from 'hookcell/express';

/**
 * @param {import('hookcell/express').HookCaller} runtime where the tenants' plugins are loaded
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
    // The before hook has run: the body is what the plugin made of it.
    const user = await database.addUser(tenantOf(request), request.body);
    if (user === undefined) {
      response.status(409).json({ error: 'email is taken' });
    } else {
      // The after hook runs now, and its changes are in what the client gets.
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

// A header is enough for a demo. A real server knows the tenant from the session, where the client cannot choose it.
function tenantOf(request) {
  return request.get('x-tenant');
}

// Four parameters are how Express knows an error handler.
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
