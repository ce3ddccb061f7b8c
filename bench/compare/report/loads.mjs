import { enginesTable } from '../../loads/engines.mjs';
import { manyTable } from '../../loads/many-plugins.mjs';
import { count } from './format.mjs';

/**
 * What loads cost, what engines cost that are in `cacheDir`, and what many loaded plugins cost.
 *
 * @param {import('../results.mjs').Results} results
 * @returns {import('./report.mjs').Section[]}
 */
export function loads({ loads: measured }) {
  if (measured === undefined) {
    return [];
  }
  const { ways, atOnce, engines, many } = measured;
  return [
    {
      title: 'Loads of a small plugin',
      heading: ['', 'p50', 'loads/s, one after the other', `loads/s, ${atOnce} at once`],
      rows: ways.map(({ way, p50, perSecond, perSecondAtOnce }) => [
        way,
        `${p50.toFixed(2)} ms`,
        count(perSecond),
        count(perSecondAtOnce),
      ]),
    },
    { title: 'Engines in cacheDir, in a new process', ...enginesTable(engines) },
    { title: 'Many small plugins, no two the same, called in turn', ...manyTable(many) },
  ];
}
