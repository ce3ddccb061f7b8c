import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { measure } from './measure.mjs';
import { median } from '../../table.mjs';

/** How many calls are under way at a time. */
export const loads = [1, 16, 256];

/**
 * All rounds of one subject: what each load came to, round by round. A load that the subject is not measured under is
 * missing.
 *
 * @typedef {{ subject: import('../subjects/subjects.mjs').Subject,
 *   rounds: Map<number, import('./measure.mjs').Measurement[]> }} Series
 */

/**
 * Measures all subjects in turns, so that the machine's noise affects all of them.
 *
 * @param {import('../subjects/subjects.mjs').Subject[]} subjects
 * @param {{ rounds: number, ms: number, say: (text: string) => void }} plan `ms`: how long one subject is measured
 *   under one load in one round
 * @returns {Promise<Series[]>}
 */
export async function measureInTurns(subjects, { rounds, ms, say }) {
  if (subjects.length === 0) {
    return [];
  }
  const collectGarbage = exposeGarbageCollector();
  const series = subjects.map((subject) => ({
    subject,
    rounds: new Map((subject.loads ?? loads).map((inFlight) => [inFlight, []])),
  }));
  for (const { subject } of series) {
    await answersRight(subject);
  }
  // The first round warms up: its figures are dropped.
  for (let round = 0; round <= rounds; round += 1) {
    say(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const { subject, rounds: measured } of series) {
      for (const [inFlight, figures] of measured) {
        // Each pays for the garbage that it makes itself, while it is measured.
        collectGarbage();
        const figure = await measure(subject, { inFlight, ms });
        if (round > 0) {
          figures.push(figure);
        }
      }
    }
  }
  for (const { subject } of series) {
    await answersRight(subject);
  }
  return series;
}

/**
 * The median of the rounds; undefined if it was not measured.
 *
 * @param {Series} series
 * @param {number} inFlight
 * @param {keyof import('./measure.mjs').Measurement} figure
 * @returns {number | undefined}
 */
export function middle({ rounds }, inFlight, figure) {
  const figures = rounds.get(inFlight);
  const seen = figures?.map((round) => round[figure]);
  return seen === undefined || seen.includes(undefined) ? undefined : median(seen);
}

/**
 * The least of the rounds: for a time, the round that the machine disturbed least.
 *
 * @param {Series} series
 * @param {number} inFlight
 * @param {keyof import('./measure.mjs').Measurement} figure
 */
export function least({ rounds }, inFlight, figure) {
  return Math.min(...rounds.get(inFlight).map((round) => round[figure]));
}

/**
 * The median of the ratios of two subjects, round by round.
 *
 * @param {Series} series
 * @param {Series} base
 * @param {number} inFlight
 * @param {keyof import('./measure.mjs').Measurement} figure
 * @returns {number | undefined} undefined where one of them was not measured so
 */
export function ratio(series, base, inFlight, figure) {
  const [ours, theirs] = [series.rounds.get(inFlight), base.rounds.get(inFlight)];
  return ours && theirs && median(ours.map((round, index) => round[figure] / theirs[index][figure]));
}

async function answersRight({ name, call, isRight }) {
  const result = await call();
  if (isRight !== undefined && !isRight(result)) {
    throw new Error(`${name} does not do its work: ${JSON.stringify(result)}`);
  }
}

function exposeGarbageCollector() {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}
