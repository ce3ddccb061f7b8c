import { createReadStream } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import path from 'node:path';
import { json } from 'node:stream/consumers';

import type { HookContext } from 'hookcell';
import { z } from 'zod';

import { isTenant, tenantOf } from '../tenants';
import type { TenantHooks } from './tenant-hooks';

// From the root of the repository, as the paths of plugins are.
const page = path.resolve('examples/orders/editor/page');

const files: Readonly<Record<string, [name: string, type: string]>> = {
  '/': ['editor.html', 'text/html; charset=utf-8'],
  '/editor.css': ['editor.css', 'text/css'],
  '/editor.js': ['editor.js', 'text/javascript'],
};

const mostBytes = 262_144;
const source = z.string().max(65_536);
const change = z.object({ source });
const trial = z.object({
  source,
  context: z.object({ input: z.record(z.string(), z.json()) }).loose(),
});

interface Answer {
  status: number;
  body: object;
}

/**
 * The page where a tenant edits its hook, and what the page asks for, without a framework. The page has the links of a server that has
 * this under `/editor`, which must be gone from the request's `url`.
 */
export function editorOf(hooks: TenantHooks): RequestListener {
  return (request, response) => {
    const url = request.url?.split('?', 1)[0] ?? '';
    const file = files[url === '' ? '/' : url];
    if (request.method === 'GET' && file !== undefined) {
      sendFile(file, response);
    } else {
      void answer(hooks, request, url).then((answered) => send(answered, response));
    }
  };
}

async function answer(hooks: TenantHooks, request: IncomingMessage, url: string): Promise<Answer> {
  const tenant = tenantOf(request);
  if (!isTenant({ tenant_id: tenant })) {
    return { status: 403, body: { error: 'x-tenant names no tenant' } };
  }
  try {
    return await answerTenant(hooks, tenant, `${request.method} ${url}`, () => bodyOf(request));
  } catch (error) {
    return error instanceof BadRequest
      ? { status: 400, body: { error: 'the request is not valid' } }
      : { status: 500, body: { error: 'the editor failed' } };
  }
}

async function answerTenant(
  hooks: TenantHooks,
  tenant: string,
  what: string,
  body: () => Promise<unknown>,
): Promise<Answer> {
  switch (what) {
    case 'GET /hook':
      return { status: 200, body: { source: hooks.sourceOf(tenant) } };
    case 'PUT /hook': {
      const problem = await hooks.save(tenant, parsed(change, await body()).source);
      return { status: problem ? 422 : 200, body: { problem } };
    }
    case 'POST /trials': {
      const { source: text, context } = parsed(trial, await body());
      const tried = await hooks.try(tenant, text, { ...context, tenant_id: tenant } as HookContext);
      return { status: 'problem' in tried ? 422 : 200, body: tried };
    }
    default:
      return { status: 404, body: { error: 'there is no such page' } };
  }
}

/** The JSON of a request. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  // A body without a length is not read: it could have any.
  const bytes = Number(request.headers['content-length']);
  if (!(bytes <= mostBytes)) {
    throw new BadRequest();
  }
  return json(request).catch(() => {
    throw new BadRequest();
  });
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data, error } = schema.safeParse(body);
  if (error) {
    throw new BadRequest();
  }
  return data as T;
}

function sendFile([name, type]: [string, string], response: ServerResponse): void {
  response.writeHead(200, { 'content-type': type, 'content-security-policy': "default-src 'self'" });
  createReadStream(path.join(page, name)).pipe(response);
}

function send({ status, body }: Answer, response: ServerResponse): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

class BadRequest extends Error {}
