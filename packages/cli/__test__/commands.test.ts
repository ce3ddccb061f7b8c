import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';
import { createStatus } from 'hookcell/status';

import { generateSigningKeys, signManifest } from 'hookcell/plugins';

import { Folder } from './support/folder';
import { hookcell, jsonOf } from './support/hookcell';

const folder = new Folder();
const RUST = path.join(__dirname, '../../../pdk/rust/validate_email.wasm');
const schema = folder.write('schema.json', { type: 'object', properties: { email: { type: 'string' } } });
const context = folder.write('context.json', { input: { email: 'a@b.c' } });
const call = { context: { input: { email: 'a@b.c' } } };
const accepted = folder.write('accepted.json', { ...call, expected: { ok: true } });
const rejected = folder.write('rejected.json', { ...call, expected: { ok: false } });
const refused = folder.write('refused.json', { ...call, hook: 'none', expected: { refused: { code: 'ERR_NO_HOOK' } } });
const missing = folder.at('missing');
const keys = generateSigningKeys();
const privateKey = folder.write('key.pem', keys.privateKey);
const trusted = folder.write('trusted.json', [{ publicKey: keys.publicKey }]);
const manifest = folder.write('plugins.json', { plugins: [] });
const signedManifest = folder.write('signed.json', { plugins: [] });
folder.write('signed.json.sig', signManifest(readFileSync(signedManifest), keys.privateKey));
const wrongOption = ['--no-such-option'];

/** How a command ends with each of its exit codes; `schema` is the one that its `--json` follows. */
interface Row {
  schema?: string;
  /** Exit codes that tests of the command itself show, because they need a server. */
  shown?: number[];
  exits: Record<number, () => string[] | Promise<string[]>>;
}

const rows: Record<string, Row> = {
  init: {
    schema: 'init',
    exits: { 0: () => [folder.at('new'), '--lang', 'zig'], 2: () => wrongOption },
  },
  build: {
    schema: 'build',
    exits: {
      0: () => [folder.write('good.js', 'export const before_hook = () => ({ ok: true });'), '-o', folder.at('good')],
      2: () => [missing],
      3: () => [folder.write('bad.js', 'export const before_hook = ;'), '-o', folder.at('bad')],
      4: async () => [await fakeEntry(), '-o', folder.at('refused.wasm')],
    },
  },
  inspect: {
    schema: 'inspect',
    exits: { 0: () => [RUST], 2: () => [missing], 4: async () => [await folder.plugin('wasi')] },
  },
  run: {
    schema: 'run',
    exits: {
      0: () => [RUST, '--context', context],
      1: async () => [await folder.plugin('plugin_error'), '--context', context],
      2: () => [RUST],
      3: async () => [await folder.plugin('crash'), '--context', context],
      4: () => [RUST, '--context', context, '--hook', 'none'],
    },
  },
  test: {
    schema: 'test',
    exits: {
      0: () => [accepted, '--plugin', RUST],
      1: () => [rejected, '--plugin', RUST],
      2: () => [missing, '--plugin', RUST],
    },
  },
  replay: {
    schema: 'test',
    exits: {
      0: () => [accepted, '--plugin', RUST],
      1: async () => [accepted, '--plugin', await folder.plugin('plugin_error')],
      2: () => [missing, '--plugin', RUST],
      3: async () => [accepted, '--plugin', await folder.plugin('crash')],
      4: () => [refused, '--plugin', RUST],
    },
  },
  bench: {
    schema: 'bench',
    exits: {
      0: () => [RUST, '--context', context, '--calls', '2'],
      2: () => [RUST],
      3: async () => [await folder.plugin('crash'), '--context', context, '--calls', '2'],
      4: () => [RUST, '--context', context, '--hook', 'none'],
    },
  },
  playground: {
    schema: 'playground',
    exits: { 0: () => [RUST, '--context', context], 2: () => [missing] },
  },
  status: {
    schema: 'status',
    exits: { 0: async () => [await statusServer()], 2: () => ['http://127.0.0.1:1/'] },
  },
  annotate: {
    schema: 'annotate',
    exits: { 0: () => [RUST, '--name', 'x', '-o', folder.at('annotated.wasm')], 2: () => [missing, '--name', 'x'] },
  },
  keygen: {
    schema: 'trust/keygen',
    exits: { 0: () => ['--out', folder.at('new-key')], 2: () => ['--out', path.join(missing, 'key')] },
  },
  sign: {
    schema: 'trust/sign',
    exits: { 0: () => [manifest, '--key', privateKey], 2: () => [manifest, '--key', trusted] },
  },
  verify: {
    schema: 'trust/verify',
    exits: {
      0: () => [signedManifest, '--trusted', trusted],
      1: () => [folder.write('unsigned.json', { plugins: [] }), '--trusted', trusted],
      2: () => [missing, '--trusted', trusted],
    },
  },
  types: {
    schema: 'types',
    exits: { 0: () => [schema, '--lang', 'typescript'], 2: () => [schema, '--lang', 'cobol'] },
  },
  doctor: {
    schema: 'doctor',
    exits: { 0: () => [], 2: () => ['--lang', 'cobol'] },
  },
  worker: { shown: [0], exits: { 2: () => [missing] } },
  completions: { exits: { 0: () => ['bash'], 2: () => ['cmd'] } },
};

/** The address of a server with a status. */
async function statusServer(): Promise<string> {
  const runtime = new WasmRuntime({ logger: false });
  const status = createStatus(runtime);
  await runtime.loadPlugin(RUST);
  await runtime.callHook(RUST, 'before_hook', { input: { email: 'a@b.c' } });
  await runtime.callHook('no such plugin', 'before_hook', { input: {} }).catch(() => undefined);
  const server = createServer(status.handler).listen(0);
  closing.push(async () => {
    server.close();
    status.stop();
    await runtime.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const closing: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

const cases = Object.entries(rows).flatMap(([name, { exits, schema: published }]) =>
  Object.entries(exits).map(([code, args]) => ({ name, code: Number(code), args, published })),
);

test('every command that the help names is in the table, with every exit code that its own help names', async () => {
  const { stdout } = await hookcell(['--help']);
  const [, list = ''] = stdout.split('Commands:\n');
  const names = [...list.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? '').filter((name) => name !== 'help');
  expect(names).toEqual(Object.keys(rows));
  for (const name of names) {
    const help = await hookcell([name, '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(new RegExp(String.raw`Examples?:\n {2}\$ .*hookcell ${name}`));
    const [, exits = ''] = help.stdout.split('Exit codes:\n');
    const codes = [...exits.matchAll(/^ {2}(\d) {2}\S/gm)].map(([, code]) => code);
    const { exits: tried = {}, shown = [], schema: published } = rows[name] ?? {};
    expect({ name, codes: [...shown.map(String), ...Object.keys(tried)].toSorted() }).toEqual({ name, codes });
    expect({ name, json: published !== undefined }).toEqual({ name, json: help.stdout.includes('--json') });
  }
}, 60_000);

test.each(cases)('$name exits with $code when its row says so', async ({ name, code, args, published }) => {
  const json = published === undefined ? [] : ['--json'];
  const env = { PATH: `${folder.at('bin')}${path.delimiter}${process.env['PATH']}` };
  // A playground ends when it is interrupted, and then says so to people.
  const interrupt = name === 'playground';
  const ended = await hookcell([name, ...(await args()), ...json], { env, interrupt });
  const stderr = code === 0 && !interrupt ? ended.stderr : '';
  expect({ name, code: ended.code, stderr }).toEqual({ name, code, stderr: '' });
  if (code === 2) {
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toContain('error:');
  } else if (published !== undefined) {
    jsonOf(ended, published);
  }
});

test.each([
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
])('the completions of %s name every command and its options, and are a script of that shell', async (shell, check) => {
  const { code, stdout } = await hookcell(['completions', shell]);
  expect(code).toBe(0);
  for (const name of Object.keys(rows)) {
    expect(stdout).toMatch(new RegExp(String.raw`\b${name}\b`));
  }
  expect(stdout).toMatch(/(--|-l )max-fuel/);
  const checked = spawnSync(shell, [...check, folder.write(`completions.${shell}`, stdout)], { encoding: 'utf8' });
  if ((checked.error as NodeJS.ErrnoException | undefined)?.code !== 'ENOENT') {
    expect(checked).toMatchObject({ status: 0, stderr: '' });
  }
});

test('the completions of bash complete commands, and the options of a command', async () => {
  const { stdout } = await hookcell(['completions', 'bash']);
  const script = `${stdout}
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _hookcell; echo "\${COMPREPLY[*]}"; }
complete_words hookcell re
complete_words hookcell replay --plug
`;
  const { stdout: completed, error } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ENOENT') {
    expect(completed).toBe('replay\n--plugin\n');
  }
});

/** An entry in Zig, and a compiler whose plugins the host refuses. */
async function fakeEntry(): Promise<string> {
  const module = await folder.plugin('wasi');
  mkdirSync(folder.at('bin'), { recursive: true });
  const compiler = String.raw`#!/bin/sh
for each in "$@"; do
  case "$each" in -femit-bin=*) cp '${module}' "${'$'}{each#-femit-bin=}" ;; esac
done
echo 0.17.1
`;
  chmodSync(folder.write('bin/zig', compiler), 0o755);
  return folder.write('entry.zig', '');
}
