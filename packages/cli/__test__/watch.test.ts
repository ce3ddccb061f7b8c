import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { fixture } from '../../../__test__/support/wat';
import { Folder } from './support/folder';
import { COMMAND } from './support/hookcell';

const folder = new Folder();

test('test --watch tests again when the plugin changes, and ends with SIGINT', async () => {
  const fixtures = folder.write('fixture.json', { name: 'it accepts', context: { input: {} }, expected: { ok: true } });
  const plugin = folder.write('plugin.wasm', await fixture('pass_through'));
  const child = spawn(process.execPath, [COMMAND, 'test', fixtures, '--plugin', plugin, '--watch']);
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  try {
    const waiting = told(child.stderr, 'waiting for changes');
    await told(child.stdout, 'ok      it accepts');
    await waiting;
    const failed = told(child.stdout, 'failed  it accepts');
    folder.write('plugin.wasm', await fixture('crash'));
    await failed;
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill();
  }
});

/** Resolves when the text has come. */
async function told(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  let all = '';
  await new Promise<void>((resolve) => {
    const listen = (chunk: unknown) => {
      all += String(chunk);
      if (all.includes(text)) {
        stream.off('data', listen);
        resolve();
      }
    };
    stream.on('data', listen);
  });
}
