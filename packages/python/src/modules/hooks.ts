import { PluginBuildError } from '../errors.js';

const required = 'before_hook';

/** What the plugin contract exports besides hooks. */
const reserved = new Set(['memory', 'alloc', 'dealloc', '_initialize', '_start', 'log_ptr', 'log_len']);

const longestName = 255;

/**
 * Refuses hooks that make no plugin.
 *
 * @param file the entry
 */
export function checkHooks(hooks: readonly string[], file: string): void {
  const taken = hooks.find((name) => reserved.has(name));
  if (taken !== undefined) {
    const message = `the plugin contract uses the name ${taken} for something else: give this hook another name`;
    throw new PluginBuildError({ code: 'ERR_EXPORT', message, file });
  }
  const odd = hooks.find((name) => name.length > longestName || !/^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(name));
  if (odd !== undefined) {
    const message = `${JSON.stringify(odd.slice(0, longestName))} is not a name for a hook: use letters, digits and _`;
    throw new PluginBuildError({ code: 'ERR_EXPORT', message, file });
  }
  if (!hooks.includes(required)) {
    const message = `${file} has no function ${required}. Write: def ${required}(ctx): …`;
    throw new PluginBuildError({ code: 'ERR_NO_HOOK', message, file });
  }
}
