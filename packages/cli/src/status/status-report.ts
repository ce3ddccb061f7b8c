import type { CallsSnapshot, FailureSnapshot, PluginSnapshot, StatusSnapshot } from 'hookcell/status';

import type { Painter } from '../terminal/colors.js';
import { shown } from '../terminal/shown-text.js';
import { table } from '../terminal/table.js';

const header = ['plugin', 'version', 'accepted', 'rejected', 'faulted', 'refused', 'p50 ms', 'p99 ms'];

/** The status of a server for people. Its text is that of plugins, too, and is escaped. */
export function describeStatus(status: StatusSnapshot, paint: Painter): string {
  const { ready, running, slots, waiting, since, plugins, others, failures } = status;
  const state = ready ? paint('green', 'ready') : paint('red', 'not ready');
  const rows = plugins.map((plugin) => rowOf(nameOf(plugin), versionOf(plugin), plugin));
  if (others !== undefined) {
    rows.push(rowOf('(others)', '', others));
  }
  return [
    `${state}, ${running} of ${slots} slots in use, ${waiting} calls wait; calls are counted since ${shown(since)}`,
    '',
    table(header, rows),
    ...(failures.length === 0 ? [] : ['', 'The last failures, the newest first:', ...failures.map(lineOf)]),
  ].join('\n');
}

function nameOf({ plugin, circuitOpen }: PluginSnapshot): string {
  return `${shown(plugin)}${circuitOpen ? ' (circuit open)' : ''}`;
}

function versionOf({ sha256, version }: PluginSnapshot): string {
  const digest = sha256 === undefined ? 'not loaded' : sha256.slice(0, 12);
  return version === undefined ? digest : `${shown(version)} ${digest}`;
}

function rowOf(name: string, version: string, { outcomes, p50Ms, p99Ms }: CallsSnapshot): string[] {
  const { accepted = 0, rejected = 0, faulted = 0, refused = 0 } = outcomes;
  const counts = [accepted, rejected, faulted, refused].map(String);
  return [name, version, ...counts, msOf(p50Ms), msOf(p99Ms)];
}

function msOf(ms: number | null): string {
  return ms === null ? '' : String(ms);
}

function lineOf({ at, plugin, hook, code, message, requestId }: FailureSnapshot): string {
  const request = requestId === undefined ? '' : ` (request ${shown(requestId)})`;
  return `  ${shown(at)}  ${shown(plugin)} ${shown(hook)}: ${shown(code)} ${shown(message)}${request}`;
}
