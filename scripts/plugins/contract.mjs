// What every plugin must fulfill: the contract in pdk/README.md, and some rules for good plugins.

import { readSignatures } from './signature.mjs';

const hook = '(i32, i32) -> i64';
const functions = new Map([
  ['alloc', '(i32) -> i32'],
  ['dealloc', '(i32, i32) -> ()'],
  ['before_hook', hook],
  ['after_hook', hook],
]);

/** The two optional globals of the log, and what rustc and Zig export from every module of what their linker defines. */
const tolerated = new Set(['log_ptr', 'log_len', '__data_end', '__heap_base', '__stack_pointer']);

/** A plugin may have further hooks, which a server calls by their names. */
const isOwnHook = (name, exported) => exported.get(name) === hook;

/** Each call begins with this much memory. JavaScript and Python bring an engine, and a call touches little of it. */
const enginePages = { javascript: 64, python: 160 };
const mostPages = (language) => enginePages[language] ?? 4;

const wholeContext = '{"input":{"email":"ADA@example.com"},"data":{"email":"ada@example.com"}}';
const ordinaryContext = contextWith('x'.repeat(1_000));
const longContext = contextWith('x'.repeat(1_000_000));
const outside = 0x7fff_fff0;

/** Each returns undefined, or what is wrong. `plugin` has the `module`, its `bytes` and its `guest`. */
export const rules = [
  {
    name: 'it imports nothing',
    violation({ module }) {
      const imports = WebAssembly.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`);
      return imports.length > 0 ? `it imports ${imports.join(', ')}` : undefined;
    },
  },
  {
    name: 'it exports the contract, and nothing else but hooks',
    violation({ language, module, bytes }) {
      if (WebAssembly.Module.imports(module).length > 0) {
        return 'nobody looked, since it imports something';
      }
      const exported = readSignatures(bytes);
      const wrong = [...functions].filter(([name, type]) => exported.get(name) !== type);
      const more = [...exported.keys()].filter(
        (name) => name !== 'memory' && !functions.has(name) && !tolerated.has(name) && !isOwnHook(name, exported),
      );
      const complaints = [
        ...wrong.map(([name, type]) => `${name} is ${exported.get(name) ?? 'missing'}, not ${type}`),
        ...more.map((name) => `${name} is exported too`),
      ];
      const most = mostPages(language);
      const pages = Number(/^memory of (\d+) pages?$/.exec(exported.get('memory'))?.[1]);
      if (!(pages >= 1 && pages <= most)) {
        complaints.push(`the memory is ${exported.get('memory') ?? 'missing'}, not of 1 to ${most} pages`);
      }
      return complaints.length > 0 ? complaints.join('; ') : undefined;
    },
  },
  {
    name: 'it gives no room for 4 GiB',
    violation: ({ guest }) => unless(guest.alloc(-1), ({ answer }) => answer === 0),
  },
  {
    name: 'its memory does not grow for 1 KB of context',
    violation: ({ guest }) => unless(guest.growth('before_hook', ordinaryContext), ({ answer }) => answer === 0),
  },
  {
    name: 'it answers 1 MB of context',
    violation: ({ guest }) => unless(guest.call('before_hook', longContext), ({ answer }) => answer?.ok === true),
  },
  ...['before_hook', 'after_hook'].flatMap((name) => [
    {
      name: `its ${name} does not accept a context outside its memory`,
      violation: ({ guest }) => unless(guest.callAt(name, outside, wholeContext.length), isNoAcceptance),
    },
    {
      name: `its ${name} does not accept half a context`,
      violation: ({ guest }) => unless(guest.call(name, wholeContext.slice(0, -1)), isNoAcceptance),
    },
  ]),
];

function contextWith(note) {
  return JSON.stringify({ input: { email: 'ADA@example.com', note }, data: null });
}

function isNoAcceptance({ fault, answer }) {
  return fault !== undefined || answer?.ok === false;
}

function unless(outcome, isRight) {
  return isRight(outcome) ? undefined : `it gives ${JSON.stringify(outcome)}`;
}
