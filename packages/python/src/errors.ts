import * as builder from 'hookcell/builder';

export type { InputSize } from 'hookcell/builder';

/** Every code of a {@link PluginBuildError}, with its meaning. Codes stay the same across versions; messages may change. */
export const buildErrorCodes = {
  ERR_READ: 'The entry cannot be read.',
  ERR_SYNTAX: 'A source is not Python that can be compiled.',
  ERR_UNRESOLVED: 'An import leads nowhere, or imports something that the module does not have.',
  ERR_PACKAGE: 'A package cannot be read, or is not pure Python.',
  ERR_REQUIREMENTS: 'The requirements file cannot be read, or a line of it is not understood or pins no version.',
  ERR_NO_HOOK: 'The entry has no function `before_hook`.',
  ERR_EXPORT:
    'A hook has a name that the plugin contract uses for something else or is no ordinary function, or there are too many hooks.',
  ERR_THROWN: 'The top level raises, or a hook does on a sample of a rehearsal.',
  ERR_LIMIT: 'The plugin is larger than `maxModuleBytes`; `inputs` has what takes the room.',
  ERR_FUEL: 'The build used up `maxFuel`.',
  ERR_TIMEOUT: 'The build was still running after `timeoutMs`.',
  ERR_MEMORY: 'The build needed more than `maxMemoryPages`.',
  ERR_STACK: 'A source nests too deeply, or the calls of its top level do.',
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
