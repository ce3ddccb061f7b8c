import type { HookContext, LimitName, LogLine, Usage } from 'hookcell';

import type { Painter } from '../terminal/colors.js';
import { count, counted, milliseconds, share, size } from '../terminal/numbers.js';
import { shown, shownJson } from '../terminal/shown-text.js';
import { properties } from '../terminal/table.js';
import type { CallMade } from './call.js';
import { changesBetween, describeDifference } from './changes.js';
import { contextAfter, kindOf } from './outcome.js';
import type { Outcome } from './outcome.js';

const PAGE_BYTES = 65_536;

/** A call with everything that a report tells about it. */
export interface ReportedCall extends CallMade {
  readonly plugin: { readonly name: string; readonly sha256: string; readonly bytes: Uint8Array };
  readonly hook: string;
  readonly context: HookContext;
  /** The limits in force. */
  readonly limits: Record<LimitName, number>;
  /** Bytes of memory that the call wrote to; missing if that was not measured. */
  readonly touched?: number;
}

/** The call as `run.json` of the schemas describes it. */
export function callJson({
  plugin,
  hook,
  context,
  limits,
  outcome,
  info,
  usage,
  log = [],
  touched,
}: ReportedCall): object {
  const { name, sha256, bytes } = plugin;
  const before = contextAfter(context, { ok: true });
  return {
    plugin: { name, sha256, bytes: bytes.length, ...(info === undefined ? {} : { memory: info.memory }) },
    hook,
    outcome: kindOf(outcome),
    result: outcome,
    changes: changesBetween(before, contextAfter(context, outcome)),
    log,
    ...(usage === undefined ? {} : { usage }),
    ...(touched === undefined ? {} : { touchedBytes: touched }),
    limits,
  };
}

/** The call for people. */
export function describeCall(call: ReportedCall, paint: Painter): string {
  const { outcome, context, usage, log = [] } = call;
  const before = contextAfter(context, { ok: true });
  const parts = [
    describeOutcome(outcome, paint),
    describeDifference(before, contextAfter(context, outcome), paint),
    log.map((line) => describeLogLine(line, paint)).join('\n'),
    usage === undefined ? '' : properties(usageRows(usage, call).map(({ name, text }) => [name, text])),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** How a call ended, with its reason. */
export function describeOutcome(outcome: Outcome, paint: Painter): string {
  if ('refused' in outcome) {
    const { code, message = '' } = outcome.refused;
    return `${paint('red', 'refused')} by the host: ${code} ${shown(message)}`;
  }
  if (outcome.ok) {
    return outcome.ctx === undefined ? `${paint('green', 'accepted')} without changes` : paint('green', 'accepted');
  }
  if ('fault' in outcome) {
    const { code, message = '', backtrace = [] } = outcome.fault;
    const frames = backtrace.map((frame) => `\n    at ${shown(frame)}`).join('');
    return `${paint('red', 'faulted')}: ${code} ${shown(message)}${frames}`;
  }
  const details = outcome.details === undefined ? '' : `\n${shownJson(outcome.details, 2)}`;
  return `${paint('yellow', 'rejected')}: ${outcome.error === undefined ? 'no reason' : shown(outcome.error)}${details}`;
}

function describeLogLine(line: LogLine, paint: Painter): string {
  const { level } = line;
  const style = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'dim';
  return `${paint(style, level.padEnd(5))} ${logText(line)}`;
}

/** What a plugin logged, on one line, without its level. */
export function logText({ message, fields }: LogLine): string {
  return `${shown(message)}${fields === undefined ? '' : ` ${shownJson(fields)}`}`;
}

/** What a call used, and the limit on it. */
export interface UsageRow {
  readonly name: string;
  /** Missing if it is not known. */
  readonly value?: number;
  readonly limit: number;
  /** Both, for people. */
  readonly text: string;
}

/** What a call used of each limit. */
export function usageRows(
  { fuel, memoryBytes, runMs }: Usage,
  { limits, info, touched }: Pick<ReportedCall, 'limits' | 'info' | 'touched'>,
): UsageRow[] {
  const { maxFuel, maxMemoryPages, timeoutMs } = limits;
  const pages = Math.ceil(memoryBytes / PAGE_BYTES);
  const declared = info === undefined ? '' : `${count(info.memory.minPages)} declared, `;
  const written = touched === undefined ? '' : `${size(touched)} touched, `;
  const inTheEnd = `${declared}${written}${counted(pages, 'page')} in the end (${size(memoryBytes)})`;
  return [
    fuel === null
      ? { name: 'fuel', limit: maxFuel, text: 'unknown, because the trap lost the count' }
      : { name: 'fuel', value: fuel, limit: maxFuel, text: `${count(fuel)} ${ofLimit(fuel, maxFuel, count)}` },
    {
      name: 'memory',
      value: pages,
      limit: maxMemoryPages,
      text: `${inTheEnd} ${ofLimit(pages, maxMemoryPages, count)}`,
    },
    {
      name: 'time',
      value: runMs,
      limit: timeoutMs,
      text: `${milliseconds(runMs)} ${ofLimit(runMs, timeoutMs, (value) => `${count(value)} ms`)}`,
    },
  ];
}

function ofLimit(value: number, limit: number, format: (value: number) => string): string {
  return `of ${format(limit)} (${share(value, limit)})`;
}
