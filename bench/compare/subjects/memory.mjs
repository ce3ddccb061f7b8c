import { WasmRuntime } from 'hookcell';
import { filling, growing, touching, untouched } from '../../guests/made.mjs';
import { order } from '../orders.mjs';

const KIB = 1_024;
const MIB = 1_024 * KIB;
const PAGES_PER_MIB = 16;

/** The default is 256. The stack comes before what is touched, and the context's page behind it. */
const MAX_PAGES = 17 * PAGES_PER_MIB + 1;

/** What all others are compared with: the smallest memory there is, of which only the context's page is touched. */
const BASE = '1 page';

/**
 * The tables: what a call costs as the plugin's memory grows, and as what it touches grows. Each row has a plugin of its
 * own.
 *
 * @type {{ title: string, rows: { row: string, make: () => Promise<Uint8Array> }[] }[]}
 */
export const memoryTables = [
  {
    title: 'Memory size: the plugin touches none of it',
    rows: [
      { row: BASE, make: () => untouched(1) },
      ...[2, 8, 17].map((pages) => ({ row: `${pages} pages`, make: () => untouched(pages) })),
      ...[1, 4, 16].map((size) => ({ row: `${size} MiB`, make: () => untouched(size * PAGES_PER_MIB) })),
    ],
  },
  {
    title:
      'Memory touched: one byte in each 4 KiB of a heap behind a stack of 1 MiB, where compilers put it by default',
    rows: [
      ...[4, 64, 256, 640].map((size) => ({ row: `${size} KiB touched`, make: () => touching(size * KIB) })),
      ...[1, 4, 16].map((size) => ({ row: `${size} MiB touched`, make: () => touching(size * MIB) })),
      { row: '256 KiB filled', make: () => filling(256 * KIB) },
      { row: '640 KiB touched, 2 pages that grow', make: () => growing(640 * KIB) },
    ],
  },
];

const isRight = ({ ok }) => ok;

const sync = (row) => `memory, ${row}, callHookSync`;
const busy = (row) => `memory, ${row}`;

/** The names that the targets and the tables refer to. */
export const memoryNames = {
  sync,
  busy,
  base: BASE,
  all: memoryTables.flatMap(({ rows }) => rows.flatMap(({ row }) => [sync(row), busy(row)])),
};

/**
 * The same call with more and more memory: on the calling thread, where the time is the cell's own, and with 16 in flight.
 *
 * @type {import('./subjects.mjs').Group}
 */
export const memory = {
  name: 'memory',

  async open() {
    const runtime = new WasmRuntime();
    const context = order(0);
    const subjects = [];
    for (const { row, make } of memoryTables.flatMap(({ rows }) => rows)) {
      await runtime.loadPluginBytes(row, await make(), { maxMemoryPages: MAX_PAGES, isolate: false });
      const callSync = () => runtime.callHookSync(row, 'before_hook', context);
      const call = () => runtime.callHook(row, 'before_hook', context);
      subjects.push(
        { name: sync(row), call: callSync, isRight, blocks: true, loads: [1] },
        { name: busy(row), call, isRight, loads: [16] },
      );
    }
    return { subjects, close: () => runtime.close() };
  },
};
