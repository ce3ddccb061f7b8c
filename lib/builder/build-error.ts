import { asMessage } from '../values/shown-text.js';

/**
 * Something that is wrong with a source, and its location there.
 *
 * @typeParam Code - the codes of the language's package
 */
export interface Problem<Code extends string> {
  readonly code: Code;
  readonly message: string;
  /** The file, as a path from the folder of the entry. One of a package in Python begins with `site-packages/`. */
  readonly file?: string | undefined;
  /** The line, from 1. */
  readonly line?: number | undefined;
  /** The column, from 1: in UTF-16 units for JavaScript, in characters for Python. */
  readonly column?: number | undefined;
  /** The text of the line, cut to 1,000 characters. */
  readonly lineText?: string | undefined;
}

/** How much of a plugin an input makes. */
export interface InputSize {
  /** A package, a file of the author's, or a module of Python's library. */
  readonly name: string;
  /** Bytes of it in the plugin, as bundled JavaScript or as Python's bytecode. */
  readonly bytes: number;
}

/** Further properties of a {@link PluginBuildError}. */
export interface PluginBuildErrorOptions<Code extends string> extends ErrorOptions {
  /** Everything that was found, if that is more than the first problem. */
  problems?: readonly Problem<Code>[] | undefined;
  /** With `ERR_LIMIT`, what takes the room. */
  inputs?: readonly InputSize[] | undefined;
  /** With `ERR_THROWN`, the calls that led there. */
  backtrace?: readonly string[] | undefined;
}

/**
 * A source from which no plugin can be built. It is the author's to change. Messages and backtraces are single lines in which
 * control and invisible characters are escaped, because they contain what the author wrote.
 *
 * @typeParam Code - the codes of the language's package, whose own class this is the base of
 */
export class PluginBuildError<Code extends string> extends Error implements Problem<Code> {
  static {
    // On the prototype, because the first line of the stack is written before the instance has fields.
    Object.defineProperty(this.prototype, 'name', { value: 'PluginBuildError', configurable: true, writable: true });
  }

  /** Stable across versions; `buildErrorCodes` of the language's package explains each. */
  readonly code: Code;
  declare readonly file?: string;
  declare readonly line?: number;
  declare readonly column?: number;
  declare readonly lineText?: string;
  /** Everything that was found, this problem first. Python's compiler stops at the first one. */
  readonly problems: readonly Problem<Code>[];
  /** With `ERR_LIMIT`, what takes the room in the plugin, the biggest first. */
  declare readonly inputs?: readonly InputSize[];
  /** With `ERR_THROWN`, the calls that led there, innermost first: `check (plugin.ts:3:5)`. */
  declare readonly backtrace?: readonly string[];

  constructor(problem: Problem<Code>, options: PluginBuildErrorOptions<Code> = {}) {
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
    this.problems = (options.problems ?? [problem]).map((each) => shown(each));
  }
}

function shown<Code extends string>(problem: Problem<Code>): Problem<Code> {
  return { ...problem, message: asMessage(problem.message) };
}
