import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { strToU8, zipSync } from 'fflate';
import { WasmRuntime } from 'hookcell';
import { buildPlugin, PluginBuildError } from '@hookcell/python';

const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-python-requirements-'));
const wheels = path.join(folder, 'wheels');
const runtime = new WasmRuntime({ logger: false });
const source = 'import one, two\ndef before_hook(ctx): return {"data": [one.value, two.value]}';
let digest: string;

beforeAll(async () => {
  mkdirSync(wheels);
  const bytes = zipSync({ 'one/__init__.py': strToU8('value = 1') });
  digest = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(path.join(wheels, 'The_One-1.0-py3-none-any.whl'), bytes);
  writeFileSync(path.join(wheels, 'two-2.0b1-1-py2.py3-none-any.whl'), zipSync({ 'two.py': strToU8('value = 2') }));
  symlinkSync('/etc/passwd', path.join(folder, 'link.txt'));
  writeFileSync(path.join(wheels, 'native-3.1-cp313-cp313-manylinux2014_x86_64.whl'), 'not read');
  await runtime.loadPluginBytes('first', (await buildPlugin({ source: 'def before_hook(ctx): pass' })).wasm);
}, 240_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await runtime.close();
});

function requirements(text: string, name = 'requirements.txt'): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function data(text: string): Promise<unknown> {
  const { wasm } = await buildPlugin({ source }, { requirements: requirements(text) });
  await runtime.loadPluginBytes('plugin', wasm);
  const result = await runtime.callHook('plugin', 'before_hook', {
    input: {},
    data: null,
    user: null,
    headers: {},
    tenant_id: null,
  });
  return result.ok ? result.ctx.data : result;
}

async function refusal(text: string): Promise<PluginBuildError> {
  const error: unknown = await buildPlugin({ source }, { requirements: requirements(text) }).then(
    () => new Error('it was built'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof PluginBuildError)) {
    throw error;
  }
  return error;
}

describe('a plugin has the packages of a requirements file', () => {
  test.each([
    ['that pins versions', 'the-one==1.0\ntwo==2.0b1\n'],
    ['whose names and versions are written in other ways', 'The.One == 1\n  TWO===2.0-Beta1  # for numbers\n'],
    [
      'with comments, options for pip, and lines that go on',
      '# all\n--index-url https://example.com\n\nthe-one==1.0 \\\n  # why\ntwo==2.0b1',
    ],
    ['with extras', 'the-one[fast,safe]==1.0\ntwo==2.0b1'],
    [
      'with conditions that hold, and others that do not',
      'the-one==1.0; python_version >= "3.9" and (sys_platform == "wasi" or os_name == "nt")\n' +
        'two==2.0b1 ; implementation_name == \'cpython\' and "win" not in sys_platform\n' +
        'absent==9; python_full_version < "3.13.0"\nmissing==1; platform_system == "Windows"\nfar==1; python_version ~= "3.14"',
    ],
  ])('%s', async (_, text) => {
    expect(await data(text)).toEqual([1, 2]);
  });

  test('that names other files, which may name it', async () => {
    requirements('two==2.0b1\n-r requirements.txt', 'more.txt');
    expect(await data('-r more.txt\nthe-one==1.0')).toEqual([1, 2]);
  });

  test('that begins with a byte order mark and ends its lines as Windows does', async () => {
    expect(await data('\u{FEFF}the-one==1.0\r\ntwo==2.0b1\r\n')).toEqual([1, 2]);
  });

  test('with digests of the wheels', async () => {
    const two = createHash('sha512')
      .update(zipSync({ 'two.py': strToU8('value = 2') }))
      .digest('hex');
    writeFileSync(path.join(wheels, 'two-2.5-py3-none-any.whl'), zipSync({ 'two.py': strToU8('value = 2') }));
    const text = `--require-hashes\nthe-one==1.0 --hash=sha256:${'0'.repeat(64)} --hash=sha256:${digest}\ntwo==2.5 --hash=sha512:${two}`;
    expect(await data(text)).toEqual([1, 2]);
  });
});

describe('a requirements file is refused with its line, if', () => {
  test.each<[string, string, object]>([
    ['a version is not pinned', 'two==2.0b1\nthe-one>=1.0', { code: 'ERR_REQUIREMENTS', line: 2 }],
    ['a version is a pattern', 'the-one==1.*', { code: 'ERR_REQUIREMENTS', line: 1 }],
    ['there is no version', '\nthe-one', { code: 'ERR_REQUIREMENTS', line: 2 }],
    ['a requirement is an address', 'the-one @ https://example.com/one.whl', { code: 'ERR_REQUIREMENTS', line: 1 }],
    ['a requirement is a path', './one.whl', { code: 'ERR_REQUIREMENTS', line: 1 }],
    ['it installs what is edited', '-e .', { code: 'ERR_REQUIREMENTS', line: 1 }],
    ['it names constraints', '-c constraints.txt', { code: 'ERR_REQUIREMENTS', line: 1 }],
    ['it names a file that is not there', 'two==2.0b1\n-r none.txt', { code: 'ERR_REQUIREMENTS', line: 2 }],
    ['a condition is unknown', 'two==2.0b1; weather == "fine"', { code: 'ERR_REQUIREMENTS', line: 1 }],
    ['a condition is not closed', 'two==2.0b1; (os_name == "nt"', { code: 'ERR_REQUIREMENTS', line: 1 }],
    ['it names a file outside its folder', '-r ../requirements.txt', { code: 'ERR_REQUIREMENTS', line: 1 }],
    ['it names a file by a path from the root', '\n-r /etc/passwd', { code: 'ERR_REQUIREMENTS', line: 2 }],
    ['it names a link that leads outside its folder', '-r link.txt', { code: 'ERR_REQUIREMENTS', line: 1 }],
    ['it names a folder', '-r wheels', { code: 'ERR_REQUIREMENTS', line: 1 }],
    ['a version is longer than any', `two==2${'.0'.repeat(100_000)}.1`, { code: 'ERR_REQUIREMENTS', line: 1 }],
    [
      'it has more digests for a package than any has wheels',
      `two==2.0b1${` --hash=sha256:${'0'.repeat(64)}`.repeat(10_000)}`,
      { code: 'ERR_REQUIREMENTS', line: 1 },
    ],
    [
      'it names a package again without its digest',
      `two==2.0b1 --hash=sha256:${'0'.repeat(64)}\ntwo==2.0b1`,
      { code: 'ERR_REQUIREMENTS', line: 2 },
    ],
    ['a package has two versions', 'two==2.0b1\ntwo==2.5', { code: 'ERR_REQUIREMENTS', line: 2 }],
    ['a digest is none', 'two==2.0b1 --hash=md5:00', { code: 'ERR_REQUIREMENTS', line: 1 }],
    [
      'only some have digests',
      `the-one==1.0 --hash=sha256:${'0'.repeat(64)}\ntwo==2.0b1`,
      { code: 'ERR_REQUIREMENTS', line: 2 },
    ],
  ])('%s', async (_, text, expected) => {
    const error = await refusal(text);
    expect(error).toMatchObject({ ...expected, file: 'requirements.txt' });
    expect(error.message.length).toBeLessThan(1_000);
  });
});

test('a requirements file in another encoding, and one that has no end, are refused', async () => {
  writeFileSync(path.join(folder, 'utf16.txt'), Buffer.from('\u{FEFF}the-one==1.0', 'utf16le'));
  for (const [name, reason] of [
    ['utf16.txt', 'utf16.txt is no text in UTF-8'],
    ['/dev/zero', 'zero cannot be read: it is no file'],
  ] as const) {
    const build = buildPlugin({ source }, { requirements: path.resolve(folder, name) });
    await expect(build).rejects.toMatchObject({ code: 'ERR_REQUIREMENTS', message: reason });
  }
});

test('wheels that are missing are told in one error, with the command that gets them', async () => {
  const error = await refusal('the-one==1.0\ntwo==3.0\nthree==1.0');
  expect(error.code).toBe('ERR_PACKAGE');
  expect(error.message).toBe(
    'wheels/ has no wheel of two==3.0 (there is 2.0b1, 2.5), three==1.0. To get pure ones: python3 -m pip download ' +
      '--requirement requirements.txt --dest wheels --no-deps --only-binary=:all: --platform any --abi none ' +
      '--implementation py --python-version 3.13',
  );
});

test('a package that is not pure Python is refused by its name', async () => {
  expect(await refusal('native==3.1')).toMatchObject({
    code: 'ERR_PACKAGE',
    message: expect.stringMatching(
      /^native==3\.1 is not pure Python: native-3\.1-cp313-.*\.whl is a wheel for cp313-cp313-/,
    ) as string,
  });
});

test('a wheel with other bytes than the file says is refused', async () => {
  expect(await refusal(`the-one==1.0 --hash=sha256:${'0'.repeat(64)}`)).toMatchObject({
    code: 'ERR_PACKAGE',
    message: expect.stringContaining(`The_One-1.0-py3-none-any.whl has the digest sha256:${digest}`) as string,
  });
});

test('invalid options throw', async () => {
  const build = (options: object) => buildPlugin({ source }, options);
  await expect(build({ requirements: 5 })).rejects.toThrow('requirements must be the path of a requirements file');
  await expect(build({ wheels: 'wheels' })).rejects.toThrow('wheels is the folder of requirements');
  await expect(build({ requirements: 'none.txt' })).rejects.toMatchObject({ code: 'ERR_REQUIREMENTS' });
});
