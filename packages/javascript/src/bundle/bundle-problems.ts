import type { Message } from 'esbuild';
import { asMessage } from 'hookcell/builder';

import { PluginBuildError } from '../errors.js';
import type { BuildErrorCode, Problem } from '../errors.js';
import { shownLine } from './bundle-map.js';
import { packageOf, shownFile } from './file-name.js';
import type { RuleDetail } from './imports.js';
import { adviceOnBuiltin } from './node-builtins.js';
import type { Source } from './source.js';

/** Something that may be wrong with a plugin. */
export type Warning = Omit<Problem, 'code'>;

/** Why a plugin cannot be bundled. The author's own problems come first. */
export function bundlingError(cause: { errors?: Message[]; message?: string }, source: Source): PluginBuildError {
  const problems = (cause.errors ?? []).map((message) => problemOf(message, source));
  const sorted = problems.toSorted((one, other) => Number(isOfPackage(one)) - Number(isOfPackage(other)));
  const [first = { code: 'ERR_BUNDLER', message: `the bundler failed: ${cause.message ?? 'it does not say how'}` }] =
    sorted;
  return new PluginBuildError(first, { problems: sorted.length > 0 ? sorted : [first], cause });
}

/** The bundler was not done in time. */
export function lateError({ name }: Source, timeoutMs: number): PluginBuildError {
  const message = `bundling ${name} took too long: it was not done after ${timeoutMs} ms (timeoutMs)`;
  return new PluginBuildError({ code: 'ERR_TIMEOUT', message });
}

/** A warning of the bundler. */
export function warningOf(message: Message): Warning {
  return { message: asMessage(message.text), ...locationOf(message) };
}

function isOfPackage({ file }: Problem): boolean {
  return file !== undefined && packageOf(file) !== undefined;
}

function problemOf(message: Message, source: Source): Problem {
  return { ...reasonOf(message, source), ...locationOf(message) };
}

function reasonOf({ text, detail, location, notes }: Message, source: Source): Pick<Problem, 'code' | 'message'> {
  const rule = detail as RuleDetail | undefined;
  if (rule?.code !== undefined) {
    return { code: rule.code, message: text };
  }
  const [, specifier] = /^Could not resolve "(.*)"$/s.exec(text) ?? [];
  if (specifier !== undefined && location === null) {
    return { code: 'ERR_READ', message: `${source.name} cannot be read: there is no such file` };
  }
  if (specifier !== undefined) {
    return unresolved(specifier, location?.file ?? '', notes);
  }
  if (location === null) {
    return { code: 'ERR_READ', message: `${source.name} cannot be read: ${text}` };
  }
  const code: BuildErrorCode = /^(?:No matching export|No loader is configured)/.test(text)
    ? 'ERR_UNRESOLVED'
    : 'ERR_SYNTAX';
  return { code, message: text };
}

function unresolved(specifier: string, importer: string, notes: Message['notes']): Pick<Problem, 'code' | 'message'> {
  const importing = packageOf(importer);
  const by = importing === undefined ? '' : `, which the package ${importing} imports,`;
  const advice = adviceOnBuiltin(specifier);
  if (advice !== undefined) {
    return {
      code: 'ERR_BUILTIN',
      message: `"${specifier}"${by} is a module of Node.js, and a plugin has none: ${advice}`,
    };
  }
  const hint = isRelative(specifier)
    ? 'there is no such file'
    : (reasonIn(notes) ?? `is it installed? npm install ${specifier}`);
  return { code: 'ERR_UNRESOLVED', message: `"${specifier}"${by} is not found: ${hint}` };
}

/** Why a package that is there has no such module. */
function reasonIn(notes: Message['notes']): string | undefined {
  return notes.find(({ text }) => /\bexport(?:ed|s)\b/.test(text))?.text;
}

function isRelative(specifier: string): boolean {
  return /^(?:\.{0,2}\/|\.{1,2}$)/.test(specifier);
}

function locationOf({ location }: Message): Omit<Problem, 'code' | 'message'> {
  if (location === null || location.file === '') {
    return {};
  }
  const { file, line, column, lineText } = location;
  // The bundler counts bytes.
  const before = Buffer.from(lineText).subarray(0, column).toString();
  return { file: shownFile(file), line, column: before.length + 1, lineText: shownLine(lineText) };
}
