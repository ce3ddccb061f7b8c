import { append } from './lines';
import { Output } from './output';

/** What AssemblyScript calls for `throw`, `assert` and its own checks: it tells the server the message and the place, and traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const told = new Output();
  told.ascii('{"thrown":{"name":"abort","message":');
  told.quoted(message === null ? 'aborted' : message);
  told.ascii(',"backtrace":[{"file":');
  told.quoted(file === null ? '' : file);
  told.ascii(',"line":' + line.toString() + ',"column":' + column.toString() + '}]}}\n');
  append(told, usize.MAX_VALUE);
  unreachable();
}
