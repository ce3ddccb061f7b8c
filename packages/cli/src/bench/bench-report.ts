import type { PluginFile } from '../calls/plugin-file.js';
import type { Painter } from '../terminal/colors.js';
import { count, milliseconds, size } from '../terminal/numbers.js';
import { shown } from '../terminal/shown-text.js';
import { table } from '../terminal/table.js';
import { bar, histogram } from './chart.js';
import type { Measured } from './measure.js';
import { suggestLimits } from './suggestions.js';

/** A plugin that was measured. */
export interface BenchedPlugin {
  readonly plugin: PluginFile;
  readonly rows: readonly Measured[];
}

const CHART_COLUMNS = 30;

/** The measures as `bench.json` of the schemas describes them. */
export function benchJson(benched: readonly BenchedPlugin[]): object {
  const subjects = benched.map(({ plugin, rows }) => {
    const suggestions = suggestLimits(rows);
    const { name, sha256, bytes } = plugin;
    return Object.assign(
      { plugin: { name, sha256, bytes: bytes.length }, rows: rows.map(withoutTimes) },
      suggestions === undefined ? {} : { suggestions },
    );
  });
  return { subjects };
}

function withoutTimes({ times: _, ...row }: Measured): object {
  return row;
}

/** The measures for people. */
export function describeBench(benched: readonly BenchedPlugin[], paint: Painter): string {
  const all = benched.flatMap(({ rows }) => rows);
  const ends = all.flatMap((row) => [row.runMs.min, row.runMs.max]);
  const scale = {
    least: Math.min(...ends),
    most: Math.max(...ends),
    fuel: Math.max(...all.map(({ fuel }) => fuel?.median ?? 0)),
  };
  const parts = benched.map((each) => describePlugin(each, scale, paint));
  return [...parts, ...(benched.length > 1 ? [compare(benched)] : [])].join('\n\n');
}

interface Scale {
  readonly least: number;
  readonly most: number;
  readonly fuel: number;
}

function describePlugin({ plugin, rows }: BenchedPlugin, scale: Scale, paint: Painter): string {
  const header = ['context', 'bytes', 'calls', 'median', 'p95', 'max', 'fuel', 'memory', 'said no', 'failed'];
  const lines = rows.map((row) => [
    shown(row.name),
    count(row.contextBytes),
    count(row.calls),
    milliseconds(row.runMs.median),
    milliseconds(row.runMs.p95),
    milliseconds(row.runMs.max),
    row.fuel === undefined ? 'unknown' : count(row.fuel.median),
    size(row.memoryBytes),
    count(row.outcomes.rejected),
    count(row.outcomes.faulted),
  ]);
  const charts = rows.map((row) => [
    shown(row.name),
    `|${histogram(row.times, scale.least, scale.most, CHART_COLUMNS)}|`,
    row.fuel === undefined ? '' : bar(row.fuel.median, scale.fuel, CHART_COLUMNS).padEnd(CHART_COLUMNS),
  ]);
  const axis = `time, ${milliseconds(scale.least)} to ${milliseconds(scale.most)}, logarithmic`;
  return [
    paint('bold', label({ plugin })),
    table(header, lines),
    '',
    `${paint('dim', axis)}, and fuel`,
    table(['', '', ''], charts).trimStart(),
    '',
    describeSuggestions(rows),
  ].join('\n');
}

function describeSuggestions(rows: readonly Measured[]): string {
  const limits = suggestLimits(rows);
  return limits === undefined
    ? 'No limits are suggested, because calls failed.'
    : `Limits for calls like these: maxFuel ${count(limits.maxFuel)} (twice the most), ` +
        `timeoutMs ${count(limits.timeoutMs)} (twenty times the slowest p95, at least 10)`;
}

/** How the other plugin does beside the first, in medians. */
function compare([first, ...others]: readonly BenchedPlugin[]): string {
  const rows = others.flatMap((other) =>
    other.rows.map((row, index) => {
      const base = first?.rows[index] as Measured;
      const fuel = row.fuel === undefined || base.fuel === undefined ? undefined : row.fuel.median / base.fuel.median;
      return [
        shown(row.name),
        times(row.runMs.median / base.runMs.median),
        fuel === undefined ? 'unknown' : times(fuel),
      ];
    }),
  );
  return `${label(others[0])} beside ${label(first)}\n${table(['context', 'time', 'fuel'], rows)}`;
}

/** Two builds of a plugin often have the same name. */
function label(benched: Pick<BenchedPlugin, 'plugin'> | undefined): string {
  return benched === undefined ? '' : `${shown(benched.plugin.name)} (${benched.plugin.sha256.slice(0, 12)})`;
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)} times`;
}
