import { JsonObject } from './object';
import { Output } from './output';
import { Value } from './value';

/** What a hook gets. It may change `input` and `data`; what it leaves alone stays as it came. */
export class Context {
  private whole: JsonObject;
  private given: Value;
  /** What the client sent. */
  readonly input: JsonObject;
  /** What the operation gave, `null` before it. Assign another value to change it. */
  data: Value;

  constructor(ptr: usize, len: usize) {
    const whole = JsonObject.read(ptr, len);
    const input = whole.object('input');
    if (input === null) throw new Error('the context has no input');
    const data = whole.get('data');
    const given = data === null ? Value.nothing() : data;
    this.whole = whole;
    this.input = input;
    this.given = given;
    this.data = given;
  }

  /** Who makes the request, with `id` and `role`; null if the server does not say. */
  get user(): JsonObject | null {
    return this.whole.object('user');
  }

  /** A header that the server passes on; null if there is none. Its name is in lower case. */
  header(name: string): string | null {
    const headers = this.whole.object('headers');
    return headers === null ? null : headers.string(name);
  }

  /** On whose behalf the call is made; null if the server does not say. */
  get tenantId(): string | null {
    return this.whole.string('tenant_id');
  }

  /** What the operator set for this plugin; null if nothing. */
  get config(): Value | null {
    return this.whole.get('config');
  }

  /** The time in milliseconds since 1970, if the server grants one; NaN if not. */
  get now(): f64 {
    const time = this.whole.object('now');
    return time === null ? NaN : time.number('ms');
  }

  /** The same time as RFC 3339, in UTC; null if the server does not grant one. */
  get nowIso(): string | null {
    const time = this.whole.object('now');
    return time === null ? null : time.string('iso');
  }

  /** A seed for random numbers, if the server grants one; null if not. */
  get seed(): Value | null {
    return this.whole.get('seed');
  }

  /** The answer with what changed; nothing, which is short for `{"ok":true}`, if nothing did. */
  writeTo(output: Output): void {
    const hasInput = this.input.isChanged;
    const hasData = this.data !== this.given;
    if (!hasInput && !hasData) return;
    output.ascii('{"ok":true,"ctx":{');
    if (hasInput) {
      output.ascii('"input":');
      this.input.writeTo(output);
    }
    if (hasData) {
      output.ascii(hasInput ? ',"data":' : '"data":');
      output.bytes(this.data.ptr, this.data.len);
    }
    output.ascii('}}');
  }
}
