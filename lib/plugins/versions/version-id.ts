import { createHash } from 'node:crypto';

import { isContainer } from '../../values/find-in-json.js';
import type { PluginEntry } from '../manifest/entry.js';

/** The hexadecimal digits of a version's identifier. */
const LENGTH = 12;

/**
 * What tells versions of a plugin apart: the first 12 hexadecimal digits of the SHA-256 of all that decides what the plugin does, which
 * is its code, its limits, its configurations and its grants. A secret counts by the name of its variable.
 */
export function versionId(entry: PluginEntry): string {
  let id = ids.get(entry);
  if (id === undefined) {
    const { sha256, limits = {}, config, tenantConfigs, grant = [] } = entry;
    const parts = canonical({ sha256, limits, config, tenantConfigs, grant: grant.toSorted() });
    id = createHash('sha256').update(parts).digest('hex').slice(0, LENGTH);
    ids.set(entry, id);
  }
  return id;
}

/** A configuration may be long, and an entry does not change. */
const ids = new WeakMap<PluginEntry, string>();

/** JSON text with the keys of each object in order, so that equal values have equal text. What is `undefined` is not written. */
function canonical(value: unknown): string {
  if (!isContainer(value)) {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return value.some(isContainer) ? `[${value.map(canonical).join(',')}]` : JSON.stringify(value);
  }
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record).filter((key) => record[key] !== undefined);
  return `{${keys
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(record[key])}`)
    .join(',')}}`;
}
