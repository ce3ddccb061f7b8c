import path from 'node:path';

import { json, Router } from 'express';
import type { NextFunction, Request, Response } from 'express';
import type { HookContext } from 'hookcell';
import { z } from 'zod';

import type { TenantHooks } from '../orders/editor/tenant-hooks';
import { isTenant, tenantOf } from '../orders/tenants';

// From the root of the repository, as the paths of plugins are.
const page = path.resolve('examples/orders/editor/page');

const source = z.string().max(65_536);
const trial = z.object({
  source,
  context: z.object({ input: z.record(z.string(), z.json()) }).loose(),
});
const change = z.object({ source });

/** The page where a tenant edits its hook, and what the page asks for. */
export function editorOf(hooks: TenantHooks): Router {
  const router = Router();
  for (const file of ['editor.html', 'editor.css', 'editor.js']) {
    router.get(file === 'editor.html' ? '/' : `/${file}`, (_request, response) => {
      response.set('content-security-policy', "default-src 'self'").sendFile(path.join(page, file));
    });
  }
  router.use(json({ limit: '256kb' }));
  router.use((request, response, next) => {
    if (isTenant({ tenant_id: tenantOf(request) })) {
      next();
    } else {
      response.status(403).json({ error: 'x-tenant names no tenant' });
    }
  });
  router.get('/hook', (request, response) => {
    response.json({ source: hooks.sourceOf(tenantOf(request)) });
  });
  router.put('/hook', async (request, response) => {
    const { source: text } = parsed(change, request);
    const problem = await hooks.save(tenantOf(request), text);
    response.status(problem ? 422 : 200).json({ problem });
  });
  router.post('/trials', async (request, response) => {
    const { source: text, context } = parsed(trial, request);
    const tenant = tenantOf(request);
    const tried = await hooks.try(tenant, text, { ...context, tenant_id: tenant } as HookContext);
    response.status('problem' in tried ? 422 : 200).json(tried);
  });
  router.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (error instanceof BadRequest) {
      response.status(400).json({ error: 'the request is not valid' });
    } else {
      next(error);
    }
  });
  return router;
}

function parsed<T>(schema: z.ZodType<T>, request: Request): T {
  const { data, error } = schema.safeParse(request.body);
  if (error) {
    throw new BadRequest();
  }
  return data as T;
}

class BadRequest extends Error {}
