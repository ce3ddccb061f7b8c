import type { Caller } from '../../calls/caller.js';
import type { JsonValue } from '../../values/json.js';
import { PreparedPlugin } from '../../calls/prepared/prepared-plugin.js';
import { pluginKey } from '../../loads/plugin-key.js';
import { parseGrants } from '../../grants/grants.js';
import type { ParsedGrants } from '../../grants/grants.js';
import { serverMistake } from '../failure/server-mistake.js';
import type { ParsedPluginStep } from '../parsed-step.js';

/** The plugin of a step for this caller, with its configuration; `undefined` if the step chooses none. */
export function choosePlugin(step: ParsedPluginStep, caller: Caller): PreparedPlugin | undefined {
  const { plugin, limits, grants, config, name } = step;
  if (typeof plugin !== 'function' && config === undefined) {
    return plugin;
  }
  const chosen = typeof plugin === 'function' ? plugin(caller) : plugin.key;
  if (chosen === undefined) {
    return undefined;
  }
  const configured = config === undefined ? grants : chosenGrants(name, config(caller), grants);
  return new PreparedPlugin(chosenKey(name, chosen), limits, configured);
}

/** What a step grants, with the configuration that a function chose. */
function chosenGrants(
  name: string,
  config: JsonValue | undefined,
  grants: ParsedGrants | undefined,
): ParsedGrants | undefined {
  try {
    return config === undefined ? grants : parseGrants({ ...grants?.options, config });
  } catch (error) {
    throw serverMistake(`the config that ${name} chose: ${(error as Error).message}`);
  }
}

/** The key of a plugin that a function chose. Clients must not see it: it may contain the caller and a path. */
function chosenKey(name: string, plugin: string | URL): string {
  try {
    return pluginKey(plugin, `the plugin that ${name} chose`);
  } catch (error) {
    throw serverMistake((error as Error).message);
  }
}
