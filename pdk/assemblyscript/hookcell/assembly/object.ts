import { Output } from './output';
import { skipSpace, skipString, skipValue, unescaped } from './scan';
import { Value } from './value';

class Member {
  /** An object that was read from the value, and may have changed since. */
  object: JsonObject | null = null;

  constructor(
    /** The name's JSON text without its quotes. */
    readonly ptr: usize,
    readonly len: usize,
    public value: Value,
  ) {}

  is(name: string): bool {
    if (<usize>name.length <= this.len) {
      let i = 0;
      for (; i < name.length; i++) {
        const code = load<u8>(this.ptr + i);
        if (code >= 0x80 || code == 0x5c) return unescaped(this.ptr, this.len) == name;
        if (code != <u32>name.charCodeAt(i)) return false;
      }
      if (<usize>i == this.len) return true;
      return load<u8>(this.ptr + i) == 0x5c && unescaped(this.ptr, this.len) == name;
    }
    return false;
  }
}

/** A JSON object whose values stay text until you read them. Its members stay in their order. */
export class JsonObject {
  private members: Member[] = [];
  private isNew: bool = false;

  /** Reads the members of an object at an address. */
  static read(ptr: usize, len: usize): JsonObject {
    const object = new JsonObject();
    const end = ptr + len;
    let at = skipSpace(ptr + 1, end);
    while (load<u8>(at) != 0x7d) {
      const name = at + 1;
      at = skipString(at, end);
      const length = at - 1 - name;
      at = skipSpace(skipSpace(at, end) + 1, end);
      const value = at;
      at = skipValue(at, end);
      object.members.push(new Member(name, length, new Value(value, at - value)));
      at = skipSpace(at, end);
      if (load<u8>(at) == 0x2c) at = skipSpace(at + 1, end);
    }
    return object;
  }

  /** How many members there are. */
  get size(): i32 {
    return this.members.length;
  }

  /** The names of the members. */
  get names(): string[] {
    const names: string[] = [];
    for (let i = 0; i < this.members.length; i++) names.push(unescaped(this.members[i].ptr, this.members[i].len));
    return names;
  }

  has(name: string): bool {
    return this.find(name) !== null;
  }

  /** A member's value; null if there is none. */
  get(name: string): Value | null {
    const member = this.find(name);
    if (member === null) return null;
    const object = member.object;
    return object === null || !object.isChanged ? member.value : Value.of<JsonObject>(object);
  }

  /** The characters of a member that is a string; null if it is none. */
  string(name: string): string | null {
    const value = this.get(name);
    return value === null ? null : value.string;
  }

  /** A member that is a number; NaN if it is none. */
  number(name: string): f64 {
    const value = this.get(name);
    return value === null ? NaN : value.number;
  }

  /** Whether a member is `true`. */
  bool(name: string): bool {
    const value = this.get(name);
    return value !== null && value.isTrue;
  }

  /** A member that is an object, which you may change; null if it is none. */
  object(name: string): JsonObject | null {
    const member = this.find(name);
    if (member === null) return null;
    if (member.object === null) member.object = member.value.object;
    return member.object;
  }

  /** The items of a member that is a list; null if it is none. */
  items(name: string): Value[] | null {
    const value = this.get(name);
    return value === null ? null : value.items;
  }

  /** Changes a member, or adds it at the end. It takes what `Value.of` takes. */
  set<T>(name: string, value: T): JsonObject {
    this.isNew = true;
    const member = this.find(name);
    if (member === null) {
      const quoted = Value.of<string>(name);
      this.members.push(new Member(quoted.ptr + 1, quoted.len - 2, Value.of<T>(value)));
    } else {
      member.value = Value.of<T>(value);
      member.object = null;
    }
    return this;
  }

  /** Removes a member. */
  remove(name: string): void {
    for (let i = this.members.length - 1; i >= 0; i--) {
      if (this.members[i].is(name)) {
        this.members.splice(i, 1);
        this.isNew = true;
      }
    }
  }

  /** Whether a member was set or removed since it was read, here or in an object of it. */
  get isChanged(): bool {
    if (this.isNew) return true;
    for (let i = 0; i < this.members.length; i++) {
      const object = this.members[i].object;
      if (object !== null && object.isChanged) return true;
    }
    return false;
  }

  writeTo(output: Output): void {
    output.byte(0x7b);
    for (let i = 0; i < this.members.length; i++) {
      const member = this.members[i];
      output.ascii(i > 0 ? ',"' : '"');
      output.bytes(member.ptr, member.len);
      output.ascii('":');
      const object = member.object;
      if (object !== null && object.isChanged) object.writeTo(output);
      else output.bytes(member.value.ptr, member.value.len);
    }
    output.byte(0x7d);
  }

  /** The last member of that name, which is the one that counts. */
  private find(name: string): Member | null {
    for (let i = this.members.length - 1; i >= 0; i--) {
      if (this.members[i].is(name)) return this.members[i];
    }
    return null;
  }
}
