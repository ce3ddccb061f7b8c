import type { JsonValue } from '../../calls/context.js';
import { parseLimits } from '../../options/limits.js';
import type { SandboxLimits } from '../../options/limits.js';
import type { Verdict } from '../../hooks/failure/policy.js';
import { parseJsonBytes } from '../../values/json-bytes.js';
import { kindOf } from '../../values/value-kind.js';
import { HookcellError } from '../../errors.js';
import { roleOf } from './entry.js';
import type { Grant, Manifest, PluginEntry, PluginMode, StickyBy } from './entry.js';
import { JsonMembers } from './json-members.js';
import { Problems } from './problems.js';
import {
  booleanProblem,
  configProblem,
  digestProblem,
  lineProblem,
  listProblem,
  nameProblem,
  orderProblem,
  shareProblem,
  tenantConfigsProblem,
  tenantProblem,
  wordProblem,
} from './values.js';

/** The most entries of a manifest. */
const MOST_PLUGINS = 10_000;
const MOST_TENANTS = 10_000;
const MOST_HOOKS = 64;
const MOST_TEXT = 64;
const MOST_SOURCE = 2_048;

/**
 * Reads the text of a manifest.
 *
 * @param what - the file, for errors
 * @throws {@link HookcellError} `ERR_MANIFEST` that names the path of each wrong value
 */
export function parseManifest(bytes: Uint8Array, what: string): Manifest {
  const problems = new Problems(what);
  const members = new JsonMembers(parseJson(bytes, what), '', problems);
  members.read('$schema', lineProblem(MOST_SOURCE));
  const entries = members.require<unknown[]>('plugins', pluginsProblem) ?? [];
  members.refuseOthers();
  const plugins = entries.map((entry, index) => parseEntry(entry, `plugins[${index}]`, problems));
  refuseConflicts(plugins, problems);
  problems.throwIfAny();
  return { plugins };
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return parseJsonBytes(bytes);
  } catch (cause) {
    throw new HookcellError('ERR_MANIFEST', `${what} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function pluginsProblem(value: unknown): string | undefined {
  if (!Array.isArray(value)) {
    return `must be an array, got ${kindOf(value)}`;
  }
  return value.length <= MOST_PLUGINS ? undefined : `must have at most ${MOST_PLUGINS} entries, got ${value.length}`;
}

function parseEntry(value: unknown, path: string, problems: Problems): PluginEntry {
  const members = new JsonMembers(value, path, problems);
  const entry: PluginEntry = {
    name: members.require<string>('name', nameProblem) ?? '',
    version: members.read<string>('version', lineProblem(MOST_TEXT)),
    file: members.read<string>('file', lineProblem(MOST_SOURCE)),
    source: members.read<string>('source', lineProblem(MOST_SOURCE)),
    sha256: (members.require<string>('sha256', digestProblem) ?? '').toLowerCase(),
    hooks: members.read<string[]>('hooks', listProblem(MOST_HOOKS, lineProblem(MOST_SOURCE))),
    order: members.read<number>('order', orderProblem) ?? 0,
    limits: members.read<SandboxLimits>('limits', limitsProblem),
    config: members.read<JsonValue>('config', configProblem),
    tenantConfigs: members.read<Record<string, JsonValue>>('tenantConfigs', tenantConfigsProblem),
    grant: members.read<Grant[]>('grant', listProblem(2, wordProblem('now', 'seed'))),
    enabled: members.read<boolean>('enabled', booleanProblem) ?? true,
    tenants: members.read<string[]>('tenants', listProblem(MOST_TENANTS, tenantProblem)),
    mode: members.read<PluginMode>('mode', wordProblem('enforce', 'monitor')) ?? 'enforce',
    sample: members.read<number>('sample', shareProblem('zero')) ?? 1,
    share: members.read<number>('share', shareProblem('more')),
    sticky: members.read<StickyBy>('sticky', wordProblem('tenant', 'user')) ?? 'tenant',
    onFault: members.read<Verdict>('onFault', wordProblem('closed', 'open')),
    onReject: members.read<Verdict>('onReject', wordProblem('closed', 'open')),
  };
  members.refuseOthers();
  if ((entry.file === undefined) === (entry.source === undefined)) {
    problems.add(path, `must have file or source, got ${entry.file === undefined ? 'neither' : 'both'}`);
  }
  if (entry.mode === 'monitor' && entry.share !== undefined) {
    problems.add(members.pathOf('share'), "must be left out in the mode 'monitor'; use sample");
  }
  if (entry.mode === 'enforce' && members.raw('sample') !== undefined) {
    problems.add(members.pathOf('sample'), "is only for the mode 'monitor'; use share for a second version");
  }
  return entry;
}

/** The limits have the names and bounds of the options of a load. */
function limitsProblem(value: unknown): string | undefined {
  try {
    parseLimits(value, []);
    return undefined;
  } catch (error) {
    return `is wrong: ${(error as Error).message}`;
  }
}

/** A name has one version, at most one more with a share, and at most one that is monitored. */
function refuseConflicts(plugins: readonly PluginEntry[], problems: Problems): void {
  const seen = new Map<string, number>();
  for (const [index, entry] of plugins.entries()) {
    if (entry.enabled && !problems.has(`plugins[${index}]`)) {
      const key = `${entry.name} ${roleOf(entry)}`;
      const earlier = seen.get(key);
      if (earlier !== undefined) {
        problems.add(
          `plugins[${index}]`,
          `has the name of plugins[${earlier}]: a second entry needs a share, or the mode 'monitor'`,
        );
      }
      seen.set(key, index);
    }
  }
  for (const [index, entry] of plugins.entries()) {
    if (entry.enabled && roleOf(entry) === 'canary' && !problems.any && !seen.has(`${entry.name} base`)) {
      problems.add(`plugins[${index}].share`, 'needs another entry of the same name without a share');
    }
  }
}
