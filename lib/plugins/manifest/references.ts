import { HookcellError } from '../../errors.js';
import { referenceOf } from '../../grants/reference.js';
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
function refuseIn(value: unknown, path: string, allowed: AllowedEnv): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  const name = Array.isArray(value) ? undefined : referenceOf(value);
  if (name !== undefined && !allowed.has(name)) {
    const reference = `${shown(path)} refers to the environment variable '${shown(name)}'`;
    throw new HookcellError('ERR_CONFIG', `${reference}, which the set does not allow (allowedEnv)`, {
      path: shown(path),
    });
  }
  for (const [key, member] of Object.entries(value)) {
    refuseIn(member, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, allowed);
  }
}
