import { painterFor } from './colors.js';
import type { Painter } from './colors.js';
import { shown, shownJson } from './shown-text.js';

/** Where a command writes: its result to standard output, everything else to standard error. */
export class Output {
  readonly paint: Painter = painterFor(process.stdout);
  readonly paintError: Painter = painterFor(process.stderr);

  /** @param json - is the result one JSON value, with nothing else on standard output? */
  constructor(readonly json: boolean) {}

  /** Writes a part of the result for people. A function is called only if they see it. */
  print(text: string | (() => string)): void {
    if (!this.json) {
      process.stdout.write(`${typeof text === 'string' ? text : text()}\n`);
    }
  }

  /** Writes the result as JSON, if it is wanted. */
  result(value: object): void {
    if (this.json) {
      process.stdout.write(`${shownJson(value, 2)}\n`);
    }
  }

  /** Writes to standard error why the command ends. */
  error(message: string): void {
    this.tell(`${this.paintError('red', 'error:')} ${shown(message)}`);
  }

  /** Writes what the host refused. */
  refused({ code, message = '' }: { code: string; message?: string }): void {
    this.error(`${code} ${message}`);
  }

  /** Writes a line for people to standard error. */
  tell(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
