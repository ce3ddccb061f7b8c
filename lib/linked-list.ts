/** What can stand in a {@link LinkedList}, in one at a time. */
export interface Linked<T> {
  previous: T | undefined;
  next: T | undefined;
}

/**
 * A queue that an entry can also leave from its middle. Each step takes the same time however long it is, which an
 * array and a `Set` do not promise.
 */
export class LinkedList<T extends Linked<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #length = 0;

  get first(): T | undefined {
    return this.#first;
  }

  get length(): number {
    return this.#length;
  }

  /** Puts an entry, which is in no list, at the end. */
  push(entry: T): void {
    entry.previous = this.#last;
    if (this.#last === undefined) {
      this.#first = entry;
    } else {
      this.#last.next = entry;
    }
    this.#last = entry;
    this.#length += 1;
  }

  /** Takes out an entry, which is in this list. */
  remove(entry: T): void {
    const { previous, next } = entry;
    if (previous === undefined) {
      this.#first = next;
    } else {
      previous.next = next;
    }
    if (next === undefined) {
      this.#last = previous;
    } else {
      next.previous = previous;
    }
    entry.previous = undefined;
    entry.next = undefined;
    this.#length -= 1;
  }
}
