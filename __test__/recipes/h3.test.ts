import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

test('a handler of h3 gets what the hooks leave, and a rejection and a fault have their status', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(__dirname, 'h3-app.mjs')]);

  expect(JSON.parse(stdout)).toEqual({
    email: { status: 200, body: { created: { email: 'ada@example.com' } } },
    no: { status: 422, body: expect.objectContaining({ error: 'not today', details: [{ field: 'email' }] }) },
    crash: { status: 500, body: expect.objectContaining({ status: 500 }) },
  });
  expect(stdout).not.toMatch(/trap|unreachable/);
});
