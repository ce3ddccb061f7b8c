import * as builder from 'hookcell/builder';

export type { InputSize } from 'hookcell/builder';

/** Every code of a {@link PluginBuildError}, with its meaning. Codes stay the same across versions; messages may change. */
export const buildErrorCodes = {
  ERR_READ: 'The entry cannot be read.',
  ERR_SYNTAX: 'The source is not JavaScript or TypeScript that can be compiled.',
  ERR_UNRESOLVED: 'An import leads nowhere, or imports something that the file does not export.',
  ERR_BUILTIN: 'An import needs Node.js, which a plugin does not have: `fs`, `node:crypto` and so on.',
  ERR_EVAL: 'The source calls `eval` or makes a function from text. A plugin has no compiler in it.',
  ERR_NO_HOOK: 'The entry exports no function `before_hook`.',
  ERR_EXPORT: 'An export has a name that the plugin contract uses for something else, or there are too many functions.',
  ERR_THROWN: 'The top level throws, or a sample of a rehearsal does.',
  ERR_UNSETTLED: 'The top level awaits a promise that never settles.',
  ERR_LIMIT: 'The plugin is larger than `maxModuleBytes`; `inputs` has what takes the room.',
  ERR_FUEL: 'The build used up `maxFuel`.',
  ERR_TIMEOUT: 'The build was still running after `timeoutMs`.',
  ERR_MEMORY: 'The build needed more than `maxMemoryPages`.',
  ERR_STACK: 'The source nests too deeply, or the calls of its top level do.',
  ERR_BUNDLER: 'The bundler failed in another way; the message says how.',
} as const;

/** The code of a {@link PluginBuildError}: a key of {@link buildErrorCodes}. */
export type BuildErrorCode = keyof typeof buildErrorCodes;

/** Something that is wrong with a source, and its location there. */
export type Problem = builder.Problem<BuildErrorCode>;

/** Further properties of a {@link PluginBuildError}. */
export type PluginBuildErrorOptions = builder.PluginBuildErrorOptions<BuildErrorCode>;

/**
 * A source from which no plugin can be built. It is the author's to change. Messages and backtraces are single lines in which
 * control and invisible characters are escaped, because they contain what the author wrote.
 */
export class PluginBuildError extends builder.PluginBuildError<BuildErrorCode> {}
