import { HookcellError } from 'hookcell';

import type { Location } from '../bundle/bundle-map.js';
import { PluginBuildError } from '../errors.js';
import type { BuildErrorCode } from '../errors.js';
import { lineAt, longestStatement } from '../strip/source-lines.js';
import { endlessStatement } from './endless-statement.js';
import type { Failed } from './failed-build.js';

/** Codes of something that does not end. */
const endless: ReadonlySet<BuildErrorCode> = new Set(['ERR_FUEL', 'ERR_TIMEOUT', 'ERR_MEMORY', 'ERR_STACK']);

/** What the plugin contract exports besides hooks. */
const reserved = /(?<=\bexport\b.*)(?<![\w$])(?:memory|alloc|dealloc|_initialize|_start|log_ptr|log_len)(?![\w$])/;

/**
 * Says what an error of the build means in the author's source, and where. Errors of the host stay as they are.
 *
 * @param hasCompiled - had the source been compiled when the error came?
 */
export async function authorsError(error: unknown, failed: Failed, hasCompiled: boolean): Promise<unknown> {
  const { source, bundle, file } = failed;
  const begin = { file, ...lineAt(source, 0) };
  if (error instanceof HookcellError && (error.code === 'ERR_ABI' || error.code === 'ERR_COMPILE')) {
    const message = 'an export has a name that the plugin contract uses for something else';
    const place = bundle.map.find(file, reserved) ?? begin;
    return new PluginBuildError({ code: 'ERR_EXPORT', message, ...place }, { cause: error });
  }
  if (!(error instanceof PluginBuildError)) {
    return error;
  }
  const { code, message, inputs, backtrace } = error;
  const [, specifier] = /could not load module '(.*)'$/s.exec(message) ?? [];
  if (specifier !== undefined) {
    const place = bundle.map.find(file, importOf(specifier)) ?? begin;
    const advice = `"${writtenAt(place) ?? specifier}" cannot be imported: a source that is loaded imports nothing but types, and reject from @hookcell/javascript`;
    return new PluginBuildError({ code: 'ERR_UNRESOLVED', message: advice, ...place });
  }
  if (error.line !== undefined) {
    return error;
  }
  const place = (await placeOf(code, failed, hasCompiled)) ?? begin;
  return new PluginBuildError({ code, message, ...place, file }, { inputs, backtrace, cause: error });
}

async function placeOf(code: BuildErrorCode, failed: Failed, hasCompiled: boolean): Promise<Location | undefined> {
  const { source, bundle, file } = failed;
  if (code === 'ERR_UNSETTLED') {
    return bundle.map.find(file, /\bawait\b/);
  }
  if (!endless.has(code)) {
    return undefined;
  }
  if (!hasCompiled) {
    return { file, ...lineAt(source, longestStatement(source)) };
  }
  const { line, column } = await endlessStatement(failed);
  return bundle.map.locate(line, column);
}

/** Finds an import of a module. The engine resolves a relative name, and then tells what is left of it. */
function importOf(specifier: string): RegExp {
  const literal = specifier.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<=\b(?:from|import)\s*\(?\s*)["'\`](?:\.{1,2}/)*${literal}["'\`]`);
}

/** The specifier as the author wrote it here. */
function writtenAt({ lineText, column }: Location): string | undefined {
  return /^["'`](.+?)["'`]/.exec(lineText.slice(column - 1))?.[1];
}
