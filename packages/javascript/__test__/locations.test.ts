// Locations in a source are those that editors show: a line ends where the language says, and a column is a UTF-16 unit.

import { buildPlugin, loadSource, PluginBuildError, prepareLoadSource } from '@hookcell/javascript';
import { WasmRuntime } from 'hookcell';

const runtime = new WasmRuntime({ logger: false });
const context = { input: {}, data: null, user: null, headers: {}, tenant_id: null };

beforeAll(() => prepareLoadSource(), 120_000);
afterAll(() => runtime.close());

const lineEnds = { LF: '\n', CRLF: '\r\n', CR: '\r', LS: '\u2028' };

/** What can be before the code in its line, or in the lines before it. */
const before: Record<string, string> = {
  nothing: '',
  tabs: '\t\t\t',
  'other white space': '\v\f\u00A0\uFEFF ',
  'a wide text': 'const w = "😀é"; ',
  'a wide pattern': 'const p = /😀[é]/u; ',
  'a wide name': 'const 𠮷𐐀 = 1; ',
  'a wide comment': '/* 😀é */ ',
  'a long comment': `/*${'x'.repeat(20_000)}*/ `,
  'a long wide text': `const w = "${'é'.repeat(30_000)}"; `,
  'a template of two lines': 'const t = `😀\n😀`; ',
  'a template with CRLF': 'const t = `a\r\n😀\r\n`; ',
  'a text with LS': 'const l = "a\u2028é"; ',
  'a text that goes on': 'const l = "a\\\r\né"; ',
  'a comment of lines': '/* a\r\nb\rc\u2028é\n */ ',
  'a comment to LS': '// 😀\u2028 ; \n',
};

/** Where `@` is. */
function locationIn(text: string): { line: number; column: number } {
  const lines = text.slice(0, text.indexOf('@')).split(/\r\n|[\n\r\u2028\u2029]/);
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

const cases = Object.keys(before).flatMap((what) =>
  Object.keys(lineEnds).flatMap((end) =>
    (['javascript', 'typescript'] as const).map((language) => [what, end, language] as const),
  ),
);

describe.each(cases)('behind %s, with lines that end with %s, in %s', (what, end, language) => {
  const lead = before[what]!;
  const newline = lineEnds[end as keyof typeof lineEnds];
  const lines = (...all: string[]) => all.join(newline);
  const head = lines(language === 'typescript' ? 'type A = { é: "😀" };' : 'const A = "😀";', '// é', '');

  test('an exception of the top level has its location', async () => {
    const text = lines(`${head}${lead}@missing.x();`, 'export const before_hook = () => {};');
    const load = loadSource(runtime, 'top', text.replace('@', ''), { language });
    await expect(load).rejects.toMatchObject({ code: 'ERR_THROWN', ...locationIn(text) });
  });

  test('a syntax error has its location', async () => {
    const text = lines(`${head}export const before_hook = () => {`, `${lead}let a = @];`, '};');
    const error: unknown = await loadSource(runtime, 'syntax', text.replace('@', ''), { language }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(PluginBuildError);
    expect(error).toMatchObject({ code: 'ERR_SYNTAX', ...locationIn(text) });
  });

  test('a fault of a call has its location', async () => {
    const text = lines(`${head}export const before_hook = () => {`, `${lead}@missing.x();`, '};');
    await loadSource(runtime, 'fault', text.replace('@', ''), { language });
    const { line, column } = locationIn(text);
    expect(await runtime.callHook('fault', 'before_hook', context)).toMatchObject({
      ok: false,
      fault: { backtrace: [`before_hook (plugin.${language === 'javascript' ? 'js' : 'ts'}:${line}:${column})`] },
    });
  });
});

test('the first line has the columns of the others', async () => {
  for (const code of ['@missing.x()', '(@missing)()', '[1].map(() => @missing)', 'void @missing', '({}).a.@b']) {
    const found: unknown[] = [];
    for (const newline of ['', '\n']) {
      const text = `${newline}${code}; export const before_hook = () => {};`;
      const error: unknown = await loadSource(runtime, 'first', text.replace('@', ''), {
        language: 'javascript',
      }).catch((reason: unknown) => reason);
      found.push((error as PluginBuildError).column);
    }
    expect([code, found[0]]).toEqual([code, found[1]]);
  }
});

test('a bundle that was minified has the locations of its source', async () => {
  const text = '// é\r\n\r\nconst w = "😀"; @missing.x(); export const before_hook = () => {};';
  await expect(buildPlugin({ source: text.replace('@', '') }, { minify: true })).rejects.toMatchObject({
    code: 'ERR_THROWN',
    ...locationIn(text),
  });
});
