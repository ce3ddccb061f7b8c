import { LARGE_BYTES, LARGE_EVERY } from '../measures/large-calls.mjs';
import { memoryNames, memoryTables } from '../subjects/memory.mjs';
import { count, megabytes, microseconds, times } from './format.mjs';

/**
 * What calls cost as the plugin's memory grows and as what they touch grows.
 *
 * @param {import('../results.mjs').Results} results
 * @returns {import('./report.mjs').Section[]}
 */
export function memory(results) {
  return memoryTables
    .map(({ title, rows }) => ({
      title,
      heading: ['', 'callHookSync p50', '/ 1 page', '16 in flight, calls/s', '/ 1 page', 'CPU a call'],
      rows: rows
        .map(({ row }) => ({ row, sync: memoryNames.sync(row), busy: memoryNames.busy(row) }))
        .filter(({ sync, busy }) => results.has(sync) || results.has(busy))
        .map(({ row, sync, busy }) => [
          row,
          microseconds(results.middle(sync, 1, 'p50')),
          times(results.ratio(sync, memoryNames.sync(memoryNames.base), 1, 'p50')),
          count(results.middle(busy, 16, 'perSecond')),
          times(results.ratio(busy, memoryNames.busy(memoryNames.base), 16, 'perSecond')),
          microseconds(results.middle(busy, 16, 'cpu')),
        ]),
    }))
    .filter(({ rows }) => rows.length > 0);
}

/**
 * What large calls cost the small ones around them.
 *
 * @param {import('../results.mjs').Results} results
 * @returns {import('./report.mjs').Section[]}
 */
export function largeCalls({ largeCalls: measured }) {
  if (measured === undefined) {
    return [];
  }
  const { small, after, other, mixedSync, mixedBusy, resident, idleMs } = measured;
  return [
    {
      title: `Small calls around large ones, which touch ${megabytes(LARGE_BYTES)}`,
      heading: ['', 'measured'],
      rows: [
        ['a small call, callHookSync, long after a large one', microseconds(small)],
        ['the mean of 1,000 small calls after a large one, / before', times(after)],
        ['the same of another plugin', times(other)],
        [`a stream with a large call in ${LARGE_EVERY}, / the sum of its parts`, times(mixedSync)],
        ['the same, 16 in flight', times(mixedBusy)],
      ],
    },
    {
      title: 'Resident memory of that process',
      heading: ['', 'measured'],
      rows: [
        ['two plugins loaded', megabytes(resident.loaded)],
        ['after streams of small calls, 16 in flight', megabytes(resident.small)],
        [`after streams with a large call in ${LARGE_EVERY}`, megabytes(resident.mixed)],
        [`after ${idleMs / 1_000} s without calls`, megabytes(resident.idle)],
      ],
    },
  ];
}
