import { logText, usageRows } from '../calls/call-report.js';
import type { ReportedCall, UsageRow } from '../calls/call-report.js';
import { describeOutcome } from '../calls/call-report.js';
import { differenceLines } from '../calls/changes.js';
import { contextAfter, kindOf } from '../calls/outcome.js';
import type { OutcomeKind } from '../calls/outcome.js';
import { shownJson } from '../terminal/shown-text.js';

/** A call as the page shows it. All text is escaped as for a terminal, and the page writes it as text. */
export interface CallView {
  readonly outcome: OutcomeKind;
  /** How it ended and why, on several lines. */
  readonly summary: string;
  /** What changed, by lines that begin with `-`, `+`, `…` or a space. */
  readonly difference: readonly string[];
  readonly log: readonly { readonly level: string; readonly text: string }[];
  readonly usage: readonly UsageRow[];
  /** The plugin's answer as JSON. */
  readonly result: string;
}

/** A call for the page. */
export function viewOf(call: ReportedCall): CallView {
  const { outcome, context, usage, log = [] } = call;
  return {
    outcome: kindOf(outcome),
    summary: describeOutcome(outcome, (_, text) => text),
    difference: differenceLines(contextAfter(context, { ok: true }), contextAfter(context, outcome)),
    log: log.map((line) => ({ level: line.level, text: logText(line) })),
    usage: usage === undefined ? [] : usageRows(usage, call),
    result: shownJson(outcome, 2),
  };
}
