/** A value that has been written as JSON already, and need not be again. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** For another copy of this package, which does not know the class. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
