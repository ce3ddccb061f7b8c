import type { EntryRole } from '../manifest/entry.js';
import type { PluginChange } from '../set-events.js';
import type { Generation } from '../versions/generation.js';

const roles: readonly EntryRole[] = ['base', 'canary', 'monitor'];

/** What runs now instead of what ran before. */
export function changesBetween(before: Generation, now: Generation): PluginChange[] {
  const names = new Set([...before.deployments.keys(), ...now.deployments.keys()]);
  return [...names].flatMap((name) =>
    roles.flatMap((role) => {
      const from = before.deployments.get(name)?.[role]?.version.id;
      const to = now.deployments.get(name)?.[role]?.version.id;
      return from === to ? [] : [{ name, role, from, to }];
    }),
  );
}
