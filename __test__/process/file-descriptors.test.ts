// Each loaded plugin holds a file descriptor on Linux, and their number is limited.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const script = `
  const { readFileSync } = require('node:fs');
  const { WasmRuntime } = require('hookcell');
  const isolate = process.argv[1] === 'isolated';
  const module = readFileSync(require.resolve('hookcell/pdk/validate_email.wasm'));
  const runtime = new WasmRuntime();
  const numbered = (number) => Buffer.concat([module, Buffer.from([0, 2, 1, number])]);
  (async () => {
    let loaded = 0;
    const refused = await (async () => {
      for (; loaded < 128; loaded += 1) await runtime.loadPluginBytes(String(loaded), numbered(loaded), { isolate });
    })().catch((error) => error);
    let answered = 0;
    for (; answered < loaded; answered += 1) {
      await runtime.callHook(String(answered), 'before_hook', { input: { email: 'ada@example.com' } });
    }
    console.log(JSON.stringify({ loaded, answered, refused: { code: refused?.code, message: refused?.message } }));
  })();
`;

(process.platform === 'linux' ? test : test.skip).each([
  ['here', 'ERR_INTERNAL', "no image of the plugin's data"],
  ['isolated', 'ERR_ISOLATE', 'Too many open files'],
])('where none is left, a load is refused and no call: compiled %s', (where, code, reason) => {
  const output = execFileSync('sh', ['-c', 'ulimit -n 96 && exec "$0" -e "$1" "$2"', process.execPath, script, where], {
    cwd: root,
    encoding: 'utf8',
  });

  const { loaded, answered, refused } = JSON.parse(output) as Record<string, unknown>;
  expect(loaded).toBeGreaterThan(0);
  expect(answered).toBe(loaded);
  expect(refused).toMatchObject({ code, message: expect.stringContaining(reason) });
});
