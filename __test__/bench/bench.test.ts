// What the benchmarks measure with, and what their report says.

import { runScript } from '../support/child';

jest.setTimeout(60_000);

/** What a module of bench/ makes of something: the script's expression, as JSON. */
async function fromBench<T>(imports: string, expression: string): Promise<T> {
  const script = `${imports}\nprocess.stdout.write(JSON.stringify(${expression}));`;
  const { stdout, stderr } = await runScript(script, ['--disable-warning=ExperimentalWarning', '--input-type=module']);
  if (stderr !== '') {
    throw new Error(stderr);
  }
  return JSON.parse(stdout) as T;
}

describe('the plugins that the benchmarks make', () => {
  const imports = `
    import { computing, filling, growing, rustLayout, smallAndLarge, touching, untouched } from './bench/guests/made.mjs';
    const pages = async (made, hook = 'before_hook') => {
      const { memory, ...hooks } = new WebAssembly.Instance(new WebAssembly.Module(await made)).exports;
      hooks[hook](0, 0);
      const bytes = new Uint8Array(memory.buffer);
      let written = 0;
      for (let page = 0; page < bytes.length; page += 4096) {
        written += bytes.subarray(page, page + 4096).some((byte) => byte !== 0) ? 1 : 0;
      }
      return { size: bytes.length / 65536, written };
    };`;

  test.each([
    ['untouched(8)', { size: 8, written: 0 }],
    ['untouched(256)', { size: 256, written: 0 }],
    ['touching(4096)', { size: 18, written: 1 }],
    ['touching(640 * 1024)', { size: 27, written: 160 }],
    ['filling(256 * 1024)', { size: 21, written: 64 }],
    ['growing(640 * 1024)', { size: 12, written: 160 }],
    ['computing(10)', { size: 1, written: 0 }],
    // A page of the stack, and one of static data.
    ['rustLayout()', { size: 17, written: 2 }],
  ])('a plugin of %s writes to as many pages of 4 KiB as it should', async (made, expected) => {
    expect(await fromBench(imports, `await pages(${made})`)).toEqual(expected);
  });

  test('the small hook of a plugin with a large one writes to no page', async () => {
    const made = 'smallAndLarge(3_600_000)';

    expect(await fromBench(imports, `[await pages(${made}), await pages(${made}, 'after_hook')]`)).toEqual([
      { size: 72, written: 0 },
      { size: 72, written: 879 },
    ]);
  });

  test('those of a thousand loads share neither code nor data', async () => {
    const sections = `
      import { distinctPlugins } from './bench/guests/distinct.mjs';
      const make = await distinctPlugins();
      const differing = (one, other) => one.flatMap((byte, at) => (byte === other[at] ? [] : [at]));
      const accepts = (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.before_hook(0, 0) === 0n;
      const made = [0, 1, 999, 100_000_000].map(make);
      const [first, second] = made.map((bytes) => Array.from(bytes));`;
    const seen = await fromBench<{ lengths: number; differing: number; accepting: boolean[] }>(
      sections,
      `{ lengths: new Set(made.map(({ length }) => length)).size, differing: differing(first, second).length,
         accepting: made.map(accepts) }`,
    );

    // A byte of a constant in the code, and one of the data.
    expect(seen).toEqual({ lengths: 1, differing: 2, accepting: [true, true, true, true] });
  });
});

describe('the other plugins of the benchmarks', () => {
  test.each(['rust', 'assemblyscript', 'zig'])(
    '%s as its compiler builds it by default has 17 pages and passes the cases of the tuned one',
    async (language) => {
      const imports = `
        import { defaultModule } from './bench/guests/default-builds.mjs';
        import { ask, cases } from './scripts/plugins/cases.mjs';
        import { Guest } from './scripts/plugins/guest.mjs';
        const module = new WebAssembly.Module(defaultModule('${language}'));
        const guest = new Guest(module);
        const pages = new WebAssembly.Instance(module).exports.memory.buffer.byteLength / 65_536;`;
      const expression = `[pages, cases.length > 70,
        cases.map((each) => ask(guest, '${language}', each).failure).filter((failure) => failure !== undefined)]`;

      expect(await fromBench(imports, expression)).toEqual([17, true, []]);
    },
  );

  test('the plugin in JavaScript that peers run passes all cases', async () => {
    const imports = `
      import { readFileSync } from 'node:fs';
      import { runInNewContext } from 'node:vm';
      import { ask, cases } from './scripts/plugins/cases.mjs';
      const source = readFileSync('bench/compare/peers/validate-email.js', 'utf8');
      const call = (hook, context) => ({ answer: JSON.parse(runInNewContext(source + '\\n' + hook)(context)) });`;
    const expression = `[cases.length > 70,
      cases.map((each) => ask({ call }, 'javascript', each).failure).filter((failure) => failure !== undefined)]`;

    expect(await fromBench(imports, expression)).toEqual([true, []]);
  });
});

describe('the report of a run', () => {
  /** A run in which every figure of every subject is 2. */
  const imports = `
    import { memoryNames, memoryTables } from './bench/compare/subjects/memory.mjs';
    import { hookcellNames } from './bench/compare/subjects/hookcell.mjs';
    import { floorNames } from './bench/compare/subjects/floor.mjs';
    import { Results } from './bench/compare/results.mjs';
    import { report } from './bench/compare/report/report.mjs';
    const figure = { calls: 2, perSecond: 2, p50: 2, p99: 2, cpu: 2, loopDelay: 2, loopUsed: 2 };
    const series = (name, loads) => ({ subject: { name }, rounds: new Map(loads.map((load) => [load, [figure]])) });
    const rows = memoryTables.flatMap((table) => table.rows.map(({ row }) => row));
    const results = new Results({
      series: [...Object.values(floorNames), hookcellNames.trivial].map((name) => series(name, [1, 16, 256])),
      memory: rows.flatMap((row) => [series(memoryNames.sync(row), [1]), series(memoryNames.busy(row), [16])]),
      cells: new Map([['trivial/pooled', 2]]),
    });
    const kinds = ['trivial', 'rust, 5 KB', 'computing'];
    const hooks = { perSecond: 2, p99: 2, cpu: 2, runMs: 2 };
    results.environment = { node: 'v20', platform: 'linux', cores: 2, libuvThreads: 4, load: 1, loadAfter: 1, rounds: 1, msPerRound: 1 };
    results.phases = [{ where: 'host', phase: 'the hook', microseconds: 2 }];
    results.largeCalls = { small: 2, after: 2, other: 1, mixedSync: 1, mixedBusy: 2, idleMs: 1_000,
      resident: { loaded: 2, small: 2, mixed: 2, idle: 2 } };
    results.loads = { ways: [{ way: 'from cacheDir', p50: 2, perSecond: 2, perSecondAtOnce: 2 }], atOnce: 4,
      engines: ['JavaScript', 'Python'].map((language) => ({ language, start: 2, first: 2, other: 2 })),
      many: [{ plugins: 1, loadMs: 2, bytes: 2, descriptors: null, sync: 2, perSecond: 2 }] };
    results.concurrency = [{ concurrency: 1, figures: Object.fromEntries(kinds.map((kind) => [kind, hooks])) }];
    results.telemetry = { guardNs: 1, guardAfterNs: 2, ways: ['no subscriber', 'a subscriber that has left'].map((name) =>
      ({ name, perSecond: 2, cpu: 2, cpuRatio: 1 })) };
    results.express = { without: { perSecond: 2, p99: 2, steadyP99: 2 }, with: { perSecond: 2, p99: 2, steadyP99: 2 }, ratio: 1,
      connections: 16, steadyRate: 2 };`;

  test('has tables of at most eight columns, and every row as many cells as its heading', async () => {
    const sections = await fromBench<{ title: string; heading: string[]; rows: string[][] }[]>(
      imports,
      'report(results).sections',
    );

    expect(sections).toHaveLength(17);
    for (const { title, heading, rows } of sections) {
      expect({ title, columns: heading.length }).toEqual({ title, columns: Math.min(heading.length, 8) });
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.map((row) => row.length)).toEqual(rows.map(() => heading.length));
    }
  });

  test('says of each target whether it is reached, missed or was not measured', async () => {
    const targets = await fromBench<{ what: string; verdict: string }[]>(imports, 'results.targets()');
    const verdicts = new Map(targets.map(({ what, verdict }) => [what, verdict]));

    // Each ratio of two subjects is 1 here.
    expect(verdicts.get('17 pages, callHookSync, p50, / one page')).toBe('reached');
    expect(verdicts.get('fresh cell, trivial, without the hop')).toBe('reached');
    expect(verdicts.get('the same of another plugin')).toBe('reached');
    expect(verdicts.get('no subscriber: to ask for one, / a call')).toBe('reached');
    expect(verdicts.get('1,000 small calls after a large one, / before')).toBe('missed');
    expect(verdicts.get('one large call in 100, 16 in flight, / its parts')).toBe('missed');
    expect(verdicts.get('trivial, 17 pages, 16 in flight, / V8 instance')).toBe('not measured');
  });
});

test('a peer that the benchmark cannot install is refused by its name', async () => {
  const { stderr, code } = await runScript(`process.argv.push('--with', 'leftpad');
    import('./bench/compare/options.mjs').then(({ readOptions }) => readOptions()).catch(({ message }) => {
      console.error(message);
      process.exitCode = 1;
    });`);

  expect(stderr).toMatch(/^leftpad is no peer that this can install/);
  expect(code).toBe(1);
});
