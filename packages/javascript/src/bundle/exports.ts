import { PluginBuildError } from '../errors.js';
import type { Bundle } from './bundle.js';
import type { Location } from './bundle-map.js';
import type { Source } from './source.js';

const required = 'before_hook';

/** What the plugin contract exports besides hooks. */
const reserved = new Set(['memory', 'alloc', 'dealloc', '_initialize', '_start', 'log_ptr', 'log_len']);

const longestName = 255;
/** Names that a message lists. */
const mostListed = 20;

/**
 * Refuses exports that make no plugin.
 *
 * @param hooks the names of the exported functions, once they are known
 */
export function checkExports(bundle: Bundle, source: Source, hooks?: readonly string[]): void {
  const { exports } = bundle;
  const taken = exports.find((name) => reserved.has(name));
  if (taken !== undefined) {
    const message = `the plugin contract uses the name ${taken} for something else: export this under another name`;
    throw new PluginBuildError({ code: 'ERR_EXPORT', message, ...whereExported(taken, bundle, source) });
  }
  const odd = exports.find((name) => name.length > longestName || !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name));
  if (odd !== undefined) {
    const message = `${JSON.stringify(odd.slice(0, longestName))} is not a name for a hook: use letters, digits, _ and $`;
    throw new PluginBuildError({ code: 'ERR_EXPORT', message, file: source.name });
  }
  if (!exports.includes(required)) {
    throw new PluginBuildError({ code: 'ERR_NO_HOOK', message: missing(exports, source), file: source.name });
  }
  if (hooks !== undefined && !hooks.includes(required)) {
    const message = `${required} is exported, but is not a function`;
    throw new PluginBuildError({ code: 'ERR_NO_HOOK', message, ...whereExported(required, bundle, source) });
  }
}

function missing(exports: readonly string[], { name }: Source): string {
  const begin = `${name} exports no ${required}`;
  if (exports.length === 0) {
    return `${begin}; it exports nothing`;
  }
  if (exports.length === 1 && exports[0] === 'default') {
    // The bundler sees `module.exports` as a default, too.
    const rule = 'A hook is an export with its own name, in an ES module';
    return `${begin}; it exports default. ${rule}: export function ${required}(ctx) { … }`;
  }
  const similar = exports.find((each) => each.replaceAll(/[^a-z]/gi, '').toLowerCase() === 'beforehook');
  const end =
    similar === undefined ? `write: export function ${required}(ctx) { … }` : `is ${similar} meant? Rename it`;
  return `${begin}; it exports ${listed(exports)}. ${end[0]!.toUpperCase()}${end.slice(1)}`;
}

/** The first names, and how many more there are. */
function listed(names: readonly string[]): string {
  const more = names.length - mostListed;
  return more > 0 ? `${names.slice(0, mostListed).join(', ')} and ${more} more` : names.join(', ');
}

function whereExported(name: string, { map }: Bundle, source: Source): Location | { file: string } {
  const word = String.raw`(?<![\w$])${name.replaceAll('$', String.raw`\$`)}(?![\w$])`;
  return map.find(source.name, new RegExp(String.raw`(?<=\bexport\b.*)${word}`)) ?? { file: source.name };
}
