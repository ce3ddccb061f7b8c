import { append } from './lines';
import { JsonObject } from './object';
import { Output } from './output';

/** The log, which the server reads after the call, also if it failed. Lines beyond 64 KiB are dropped. */
export namespace log {
  /** For the plugin's author. */
  export function debug(message: string, fields: JsonObject | null = null): void {
    write('debug', message, fields);
  }

  /** For the operator, and as expected. */
  export function info(message: string, fields: JsonObject | null = null): void {
    write('info', message, fields);
  }

  /** Not as expected. */
  export function warn(message: string, fields: JsonObject | null = null): void {
    write('warn', message, fields);
  }

  /** Wrong. */
  export function error(message: string, fields: JsonObject | null = null): void {
    write('error', message, fields);
  }
}

function write(level: string, message: string, fields: JsonObject | null): void {
  const line = new Output();
  line.ascii('{"level":"');
  line.ascii(level);
  line.ascii('","message":');
  line.quoted(message);
  if (fields !== null) {
    line.ascii(',"fields":');
    fields.writeTo(line);
  }
  line.ascii('}\n');
  append(line, 64 * 1024);
}
