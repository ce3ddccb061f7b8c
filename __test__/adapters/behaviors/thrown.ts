import { postJson } from '../../support/http';
import { packed, plugin } from '../../support/wat';
import type { TestServer } from './test-server';

const quoted = (text: string) =>
  [...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');

/** A plugin that logs a line, and then throws. */
async function throwing(): Promise<Uint8Array> {
  const line = `${JSON.stringify({ level: 'error', message: 'the price list is gone', fields: { age: 3 } })}\n`;
  const answer = JSON.stringify({
    thrown: { name: 'TypeError', message: 'no prices', backtrace: ['price (plugin.ts:3:7)'] },
  });
  return await plugin({
    definitions: `(data (i32.const 16384) "${quoted(line)}") (data (i32.const 32768) "${quoted(answer)}")
      (global (export "log_ptr") (mut i32) (i32.const 16384)) (global (export "log_len") (mut i32) (i32.const ${line.length}))`,
    hook: packed(32_768, answer.length),
  });
}

/** What becomes of an exception of a plugin, and of its log. */
export function testThrown(server: TestServer): void {
  test('an exception of a plugin is a fault that the log tells, with what the plugin logged, and the client does not', async () => {
    const warnings: string[] = [];
    const errors: string[] = [];
    const logger = {
      warn: (line: string) => void warnings.push(line),
      error: (line: string) => void errors.push(line),
    };
    await server.start({ logger });
    await server.runtime.loadPluginBytes('throws', await throwing());
    const url = await server.serve({ before: 'throws' });

    const { status, text } = await postJson(url, {});

    expect(status).toBe(500);
    expect(text).not.toMatch(/price|TypeError|plugin/);
    expect(errors).toEqual([expect.stringContaining('the price list is gone')]);
    expect(warnings.some((line) => line.includes('ERR_THROWN') && line.includes('TypeError: no prices'))).toBe(true);
  });
}
