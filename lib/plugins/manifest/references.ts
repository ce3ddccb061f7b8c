import { HookcellError } from '../../errors.js';
import { referenceOf } from '../../grants/reference.js';
import { findInJson } from '../../values/find-in-json.js';
import { shown } from '../../values/shown-text.js';
import type { AllowedEnv } from '../options/allowed-env.js';
import type { PluginEntry } from './entry.js';

/** What is given to a plugin, of an entry or a fixture. */
type Configurations = Pick<PluginEntry, 'config' | 'tenantConfigs'>;

/**
 * Refuses configurations that refer to a variable that the set does not allow. Otherwise the author of a manifest could have a
 * plugin read any secret of the server.
 *
 * @throws {@link HookcellError} `ERR_CONFIG` with the `path` of the reference
 */
export function refuseReferences({ config, tenantConfigs = {} }: Configurations, allowed: AllowedEnv): void {
  refuseIn(config, 'config', allowed);
  for (const [tenant, each] of Object.entries(tenantConfigs)) {
    refuseIn(each, `tenantConfigs.${tenant}`, allowed);
  }
}

/** The nesting of a configuration in a manifest is bounded. */
function refuseIn(value: unknown, where: string, allowed: AllowedEnv): void {
  const refused = findInJson(value, where, (container) => {
    const name = Array.isArray(container) ? undefined : referenceOf(container);
    return name === undefined || allowed.has(name) ? undefined : name;
  });
  if (refused !== undefined) {
    const path = shown(refused.path);
    const reference = `${path} refers to the environment variable '${shown(refused.found)}'`;
    throw new HookcellError('ERR_CONFIG', `${reference}, which the set does not allow (allowedEnv)`, { path });
  }
}
