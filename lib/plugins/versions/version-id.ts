import { createHash } from 'node:crypto';

import type { PluginEntry } from '../manifest/entry.js';

/** The hexadecimal digits of a version's identifier. */
const LENGTH = 12;

/**
 * What tells versions of a plugin apart: the first 12 hexadecimal digits of the SHA-256 of all that decides what the plugin does, which
 * is its code, its limits, its configurations and its grants. A secret counts by the name of its variable.
 */
export function versionId({ sha256, limits = {}, config, tenantConfigs, grant = [] }: PluginEntry): string {
  // What is `undefined` is not written.
  const parts = canonical({ sha256, limits, config, tenantConfigs, grant: grant.toSorted() });
  return createHash('sha256').update(parts).digest('hex').slice(0, LENGTH);
}

/** JSON text with the keys of each object in order, so that equal values have equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
}
