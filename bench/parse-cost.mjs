// Looks for the result that takes JavaScript longest to parse for its cost under `maxResultValues`. It tries shapes of JSON of
// random sizes, parses each here, and has the runtime count its cost.
//
//   npm run setup && node bench/parse-cost.mjs [seconds] [seed]     default: 30 seconds, seed 1
//
// The default limit is 1,000,000; the worst result found shows how long that holds up the event loop.

import { WasmRuntime } from 'hookcell';
import { pluginAnswering } from 'hookcell/testing';
import { printTable } from './table.mjs';

const MOST_BYTES = 1_000_000;
const DEFAULT_LIMIT = 1_000_000;
const REPEATS = 3;

const [seconds = 30, seed = 1] = process.argv.slice(2).map(Number);
const random = generator(seed);

/** For each shape, a function that makes one part; a text repeats parts until it is full. */
const shapes = {
  numbers: () => () => '0',
  'short strings, again': () => () => '"again"',
  'short strings, new': () => () => `"${name()}"`,
  'strings with escapes': () => () => `"${String.raw`\u00e9`.repeat(size(100))}"`,
  'empty objects': () => () => '{}',
  'empty arrays': () => () => '[]',
  'nested arrays': repeated(() => {
    const depth = size(100);
    return '['.repeat(depth) + ']'.repeat(depth);
  }),
  'objects of the same keys': repeated((width) => object(width, (index) => `k${index.toString(36)}`)),
  'objects of the same keys with objects in them': repeated((width) => object(width, (index) => `k${index}`, '{}')),
  'objects of new keys': () => () => object(size(4), () => name()),
  'wide objects of new keys': () => {
    const width = size(12_000);
    return () => object(width, () => name());
  },
  'objects of indices': repeated((width) => object(width, (index) => index)),
  'objects of indices far apart': repeated((width) => object(width, (index) => (index + 1) * 1_000)),
  'one key, twice and more': repeated((width) => object(width, (index) => (index % 2 === 0 ? 'a' : `k${index}`))),
};

const runtime = new WasmRuntime({
  logger: false,
  maxResultBytes: 2 * MOST_BYTES,
  maxFuel: Number.MAX_SAFE_INTEGER,
  timeoutMs: 60_000,
});
const worst = new Map();
const end = performance.now() + seconds * 1_000;
do {
  for (const [shape, start] of Object.entries(shapes)) {
    const text = fill(start());
    const cost = await costOf(text);
    const ms = parseMs(text);
    const most = Math.min((ms * DEFAULT_LIMIT) / cost, (ms * MOST_BYTES) / text.length);
    if (most > (worst.get(shape)?.most ?? 0)) {
      worst.set(shape, { bytes: text.length, cost, ms, most });
    }
  }
} while (performance.now() < end);
printTable(
  ['shape', 'bytes', 'counts', 'parsed in', 'at the limits'],
  [...worst]
    .toSorted(([, one], [, other]) => other.most - one.most)
    .map(([shape, { bytes, cost, ms, most }]) => [
      shape,
      bytes.toLocaleString('en'),
      cost.toLocaleString('en'),
      `${ms.toFixed(2)} ms`,
      `${most.toFixed(1)} ms`,
    ]),
);

await runtime.close();

/** The cost of a text, within a hundredth: the smallest limit that accepts it. */
async function costOf(text) {
  const bytes = pluginAnswering(`{"ok":true,"ctx":{"data":${text}}}`);
  let low = 1;
  let high = 20 * text.length;
  while (high - low > high / 100) {
    const maxResultValues = Math.floor((low + high) / 2);
    await runtime.loadPluginBytes('text', bytes, { maxResultValues, isolate: false });
    const { ok } = await runtime.callHook('text', 'before_hook', { input: {} });
    [low, high] = ok ? [low, maxResultValues] : [maxResultValues, high];
  }
  return high;
}

function parseMs(text) {
  let least = Infinity;
  for (let count = 0; count < REPEATS; count += 1) {
    const start = performance.now();
    JSON.parse(text);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** An array of as many parts as fit into the bytes of a result. */
function fill(part) {
  const parts = [];
  let bytes = 64;
  for (let next = part(); bytes + next.length < MOST_BYTES; next = part()) {
    parts.push(next);
    bytes += next.length + 1;
  }
  return `[${parts.join(',')}]`;
}

/** The same part again and again, of a random width. */
function repeated(make) {
  return () => {
    const part = make(size(12_000));
    return () => part;
  };
}

function object(width, key, value = '0') {
  return `{${Array.from({ length: width }, (_, index) => `"${key(index)}":${value}`).join(',')}}`;
}

/** A size of any order of magnitude, from 1. */
function size(most) {
  return Math.ceil(most ** random());
}

function name() {
  return Math.floor(random() * 36 ** 8).toString(36);
}

/** Park and Miller's generator: the same numbers for the same seed. */
function generator(start) {
  let state = start;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
