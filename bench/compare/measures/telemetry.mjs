import { measureInChild } from '../../child.mjs';

const script = new URL('telemetry-process.mjs', import.meta.url);

/**
 * What telemetry costs a call. It runs in a process of its own, because subscribers of a channel are those of the whole process.
 *
 * @param {{ rounds: number, ms: number }} plan `ms`: of one way in one round
 * @returns {Promise<{ guardNs: number, guardAfterNs: number, ways: { name: string, perSecond: number, cpu: number, cpuRatio: number }[] }>} `guardNs`: what a call
 *   without a subscriber pays, which is to ask whether there is one; `guardAfterNs`: the same when subscribers have come and gone; `cpu`: microseconds of a call; `cpuRatio`: the median of the
 *   rounds' ratios to calls of a process that never had a subscriber
 */
export function measureTelemetry({ rounds, ms }) {
  return measureInChild(script, [rounds, ms]);
}
