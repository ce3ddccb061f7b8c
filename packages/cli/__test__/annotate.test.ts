import { existsSync, readFileSync } from 'node:fs';

import { WasmRuntime } from 'hookcell';

import { fixture } from '../../../__test__/support/wat';
import { Folder } from './support/folder';
import { hookcell, jsonOf } from './support/hookcell';

const folder = new Folder();
const schema = {
  type: 'object',
  properties: { email: { type: 'string', pattern: '^a' }, count: { type: 'integer', minimum: 1 } },
  required: ['email'],
};

test('annotate writes what inspect shows, and keeps what is not given', async () => {
  const file = await folder.plugin('pass_through');
  const config = folder.write('schema.json', schema);
  const first = ['--name', 'orders', '--needs-fuel', '2000', '--config-schema', config];
  expect((await hookcell(['annotate', file, ...first])).code).toBe(0);
  const ended = await hookcell(['annotate', file, '--plugin-version', '1.2.0', '--name', 'carts', '--json']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const metadata = { name: 'carts', version: '1.2.0', needs: { fuel: 2_000 }, configSchema: schema };
  expect(jsonOf(ended, 'annotate')).toEqual({ output: file, metadata });
  const inspected = jsonOf(await hookcell(['inspect', file, '--json']), 'inspect');
  expect(inspected.metadata).toEqual(metadata);
  const own = inspected.sections.filter(({ name }: { name?: string }) => name === 'hookcell.meta');
  expect(own).toHaveLength(1);
  const context = folder.write('context.json', { input: {} });
  expect((await hookcell(['run', file, '--context', context])).code).toBe(0);
});

test('a loaded plugin tells what was annotated', async () => {
  const file = await folder.plugin('reactor');
  await hookcell(['annotate', file, '--name', 'orders', '--needs-memory-pages', '4']);
  await using runtime = new WasmRuntime({ logger: false });
  const { metadata } = await runtime.loadPlugin(file);
  expect(metadata).toEqual({ name: 'orders', needs: { memoryPages: 4 } });
});

test('annotate can write another file, and leaves the one that it reads alone', async () => {
  const module = await fixture('pass_through');
  const output = folder.at('other.wasm');
  const ended = await hookcell(['annotate', '-', '--description', 'does nothing', '-o', output], { stdin: module });
  expect(ended.code).toBe(0);
  expect(readFileSync(output).subarray(0, module.length)).toEqual(Buffer.from(module));
});

test('annotate exits with 2 if a value or a file is not valid, and writes nothing', async () => {
  const file = await folder.plugin('echo');
  const before = readFileSync(file);
  const output = folder.at('never.wasm');
  const wrong = [
    [file, '--name', 'two\nlines'],
    [file, '--name', 'x'.repeat(101)],
    [file, '--needs-fuel', '0'],
    [file, '--needs-memory-pages', '70000'],
    [file, '--config-schema', folder.write('no-schema.json', { type: 'strin' })],
    [file, '--config-schema', folder.write('large.json', { description: 'x'.repeat(70_000) })],
    [folder.write('text.wasm', 'no module'), '--name', 'x', '-o', output],
    ['-', '--name', 'x'],
  ];
  for (const args of wrong) {
    const { code, stdout, stderr } = await hookcell(['annotate', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('error:');
  }
  expect(readFileSync(file)).toEqual(before);
  expect(existsSync(output)).toBe(false);
});

test('types writes TypeScript and Rust, and names what no type can say', async () => {
  const file = folder.write('types.json', schema);
  const typescript = await hookcell(['types', file, '--lang', 'typescript', '--name', 'Order']);
  expect(typescript.code).toBe(0);
  expect(typescript.stdout).toContain('export interface Order {\n  email: string;\n  count?: number;\n}');
  expect(typescript.stderr).toContain('/properties/email/pattern');
  const rust = await hookcell(['types', '-', '--lang', 'rust', '--json'], { stdin: JSON.stringify(schema) });
  const json = jsonOf(rust, 'types');
  expect(json.types).toContain('pub struct Input {');
  expect(json.types).toContain('pub email: String,');
  expect(json.untyped).toEqual(['/properties/email/pattern', '/properties/count/minimum']);
});

test('types follows no reference out of the schema, and exits with 2 for what is no schema', async () => {
  const secret = folder.write('secret.json', { type: 'object', properties: { secret: { type: 'string' } } });
  const wrong = [
    { $ref: secret },
    { properties: { a: { $ref: 'http://127.0.0.1:9/schema.json' } } },
    { type: 'strin' },
    [1],
  ];
  for (const value of wrong) {
    for (const lang of ['typescript', 'rust']) {
      const { code, stdout } = await hookcell(['types', '-', '--lang', lang], { stdin: JSON.stringify(value) });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    }
  }
  expect((await hookcell(['types', folder.write('fine.json', schema)])).code).toBe(2);
});
