// docs/recipes/next.md: a route handler is a function of a web Request, and needs nothing of Next.js.

import { createHooks, HookProblem } from 'hookcell/hooks';

import { useRuntime } from './runtime';

const runtime = useRuntime();

/** A route handler with hooks around it. */
function withHooks(
  hooks: ReturnType<typeof createHooks<any, any, any, any, any, any>>,
  handler: (input: unknown) => unknown,
) {
  return async (request: Request): Promise<Response> => {
    try {
      const input: unknown = await request.json();
      const headers = { 'user-agent': request.headers.get('user-agent') ?? '' };
      const data = await hooks.run({ input, headers }, handler, { signal: request.signal });
      return Response.json(data, { status: 201 });
    } catch (error) {
      if (error instanceof HookProblem) {
        const init = {
          status: error.status,
          headers: { ...error.headers, 'content-type': 'application/problem+json' },
        };
        return new Response(JSON.stringify(error), init);
      }
      throw error;
    }
  };
}

const post = (body: unknown, init: RequestInit = {}) =>
  new Request('http://localhost/users', { method: 'POST', body: JSON.stringify(body), ...init });

test('a route handler of Next.js gets what the hooks leave, and they see what it returns', async () => {
  const POST = withHooks(createHooks(runtime, { before: 'email', after: 'report', logger: false }), (input) => ({
    input,
  }));

  const response = await POST(post({ email: 'Ada' }, { headers: { 'user-agent': 'test' } }));

  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({
    data: { input: { email: 'ada@example.com' } },
    headers: { 'user-agent': 'test' },
  });
});

test('a rejection is the problem details of a route handler, and a fault tells nothing', async () => {
  const rejected = await withHooks(createHooks(runtime, { before: 'no-409', logger: false }), () => 0)(post({}));
  const failed = await withHooks(createHooks(runtime, { before: 'crash', logger: false }), () => 0)(post({}));

  expect([rejected.status, await rejected.json()]).toMatchObject([409, { error: 'taken', status: 409 }]);
  expect([failed.status, await failed.text()]).toEqual([500, expect.not.stringMatching(/crash|trap/)]);
});

test('a client that has gone before the hooks end keeps a route handler from running', async () => {
  const handler = jest.fn();
  const POST = withHooks(createHooks(runtime, { before: 'yes', logger: false }), handler);

  await expect(POST(post({}, { signal: AbortSignal.abort() }))).rejects.toMatchObject({ name: 'AbortError' });
  expect(handler).not.toHaveBeenCalled();
});
