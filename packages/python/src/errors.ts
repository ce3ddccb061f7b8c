import { asMessage } from 'hookcell/builder';

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
export interface Problem {
  readonly code: BuildErrorCode;
  readonly message: string;
  /** The file, as a path from the folder of the entry. One of a package begins with `site-packages/`. */
  readonly file?: string | undefined;
  /** The line, from 1. */
  readonly line?: number | undefined;
  /** The column, from 1. */
  readonly column?: number | undefined;
  /** The text of the line, cut to 1,000 characters. */
  readonly lineText?: string | undefined;
}

/** How much of a plugin a module makes. */
export interface InputSize {
  /** The file of a module, or the name of a module of the standard library. */
  readonly name: string;
  /** Bytes of its bytecode. */
  readonly bytes: number;
}

/** Further properties of a {@link PluginBuildError}. */
export interface PluginBuildErrorOptions extends ErrorOptions {
  /** With `ERR_LIMIT`, what takes the room. */
  inputs?: readonly InputSize[] | undefined;
  /** With `ERR_THROWN`, the calls that led there. */
  backtrace?: readonly string[] | undefined;
}

/**
 * A source from which no plugin can be built. It is the author's to change. Messages and backtraces are single lines in which
 * control and invisible characters are escaped, because they contain what the author wrote.
 */
export class PluginBuildError extends Error implements Problem {
  static {
    // On the prototype, because the first line of the stack is written before the instance has fields.
    Object.defineProperty(this.prototype, 'name', { value: 'PluginBuildError', configurable: true, writable: true });
  }

  /** Stable across versions; {@link buildErrorCodes} explains each. */
  readonly code: BuildErrorCode;
  declare readonly file?: string;
  declare readonly line?: number;
  declare readonly column?: number;
  declare readonly lineText?: string;
  /** Everything that was found: this problem. A compiler of Python stops at the first one. */
  readonly problems: readonly Problem[];
  /** With `ERR_LIMIT`, what takes the room in the plugin, the biggest first. */
  declare readonly inputs?: readonly InputSize[];
  /** With `ERR_THROWN`, the calls that led there, innermost first: `check (plugin.py:3:5)`. */
  declare readonly backtrace?: readonly string[];

  constructor(problem: Problem, options: PluginBuildErrorOptions = {}) {
    super(asMessage(problem.message), options);
    this.code = problem.code;
    const { file, line, column, lineText } = problem;
    const { inputs } = options;
    const backtrace = options.backtrace?.map((frame) => asMessage(frame));
    for (const [name, value] of Object.entries({ file, line, column, lineText, inputs, backtrace })) {
      if (value !== undefined) {
        Object.defineProperty(this, name, { value, enumerable: true, configurable: true });
      }
    }
    this.problems = [{ ...problem, message: this.message }];
  }
}
