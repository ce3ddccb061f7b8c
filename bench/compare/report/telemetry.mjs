import { count, microseconds, times } from './format.mjs';

/**
 * What telemetry costs a call.
 *
 * @param {import('../results.mjs').Results} results
 * @returns {import('./report.mjs').Section[]}
 */
export function telemetry({ telemetry: measured }) {
  if (measured === undefined) {
    return [];
  }
  const { guardNs, guardAfterNs, ways } = measured;
  const [{ cpu: base }] = ways;
  return [
    {
      title: 'Telemetry, a trivial call with 16 in flight: processor time of all threads, and what is added to it',
      heading: ['', 'calls/s', 'CPU a call', 'added', '/ no subscriber'],
      rows: [
        ...ways.map(({ name, perSecond, cpu, cpuRatio }) => [
          name,
          count(perSecond),
          microseconds(cpu),
          microseconds(base * (cpuRatio - 1)),
          times(cpuRatio),
        ]),
        ...[
          ['to ask for a subscriber', guardNs],
          ['the same, after some have left', guardAfterNs],
        ].map(([name, ns]) => [name, '', '', `${ns.toFixed(1)} ns`, times(1 + ns / 1_000 / base)]),
      ],
    },
  ];
}
