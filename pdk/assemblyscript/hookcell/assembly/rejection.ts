import { Output } from './output';
import { Value } from './value';

/** The hook says no. */
export class Rejection {
  private details: Value[] = [];

  constructor(
    /** Why, for the user. */
    readonly error: string,
  ) {}

  /** Adds a detail that helps, such as an object with the field and what is wrong with it. It takes what `Value.of` takes. */
  detail<T>(detail: T): Rejection {
    this.details.push(Value.of<T>(detail));
    return this;
  }

  /** Sets the HTTP status that the server responds with, 400 to 499. Without it that is 422. */
  status(status: i32): Rejection {
    // The server looks for it in the first detail.
    this.details.unshift(Value.json('{"status":' + status.toString() + '}'));
    return this;
  }

  writeTo(output: Output): void {
    output.ascii('{"ok":false,"error":');
    output.quoted(this.error);
    if (this.details.length > 0) {
      output.ascii(',"details":');
      Value.write<Value[]>(output, this.details);
    }
    output.byte(0x7d);
  }
}

/** The rejection of a hook that says no: `return reject('email is not valid')`. */
export function reject(error: string): Rejection {
  return new Rejection(error);
}
