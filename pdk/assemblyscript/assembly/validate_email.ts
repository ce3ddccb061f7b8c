// validate_email: rejects an invalid e-mail address, normalizes a valid one, and adds the domain to what was stored.

import { JSON } from 'json-as';
import { pack, read } from './abi';
import { domain, normalize, trim } from './email';

export { alloc, dealloc } from './abi';

/**
 * An object whose values stay JSON text. What users send is read in this way and never as an `@json` class: when the
 * code that json-as 1.6 generates for a class skips a value, it takes the closing quote of a string that ends with a
 * backslash (`"x\\"`) for an escaped one.
 */
type Members = Map<string, JSON.Raw>;

@json
class Changed {
  ok: bool = true;
  /** The changed part of the context: `input` or `data`. */
  ctx: Map<string, Members> = new Map<string, Members>();
}

@json
class Refused {
  ok: bool = false;
  error: string = '';
  details: Detail[] = [];
}

@json
class Detail {
  field: string = '';
  message: string = '';
  value: JSON.Raw = new JSON.Raw('null');
}

export function before_hook(ptr: usize, len: u32): u64 {
  const context = read(ptr, len);
  if (context === null) return pack(refused('context is not valid'));
  const input = membersOf(member(JSON.parse<Members>(context), 'input'));
  if (input === null) return pack(refused('context is not valid'));
  return pack(before(input));
}

export function after_hook(ptr: usize, len: u32): u64 {
  const context = read(ptr, len);
  if (context === null) return pack(refused('context is not valid'));
  const answer = after(membersOf(member(JSON.parse<Members>(context), 'data')));
  // An empty answer is short for `{"ok":true}`.
  if (answer === null) return 0;
  return pack(answer);
}

function before(input: Members): string {
  const given = member(input, 'email');
  if (given === null) return refusedEmail('is required', new JSON.Raw('null'));
  const text = textOf(given);
  if (text === null) return refusedEmail('must be a string', given);
  const address = normalize(text);
  if (address === null) return refusedEmail('is not a valid address', given);

  let changed = false;
  if (address != text) {
    input.set('email', quote(address));
    changed = true;
  }
  const name = textOf(member(input, 'name'));
  if (name !== null) {
    const trimmed = trim(name);
    if (trimmed.length < name.length) {
      input.set('name', quote(trimmed));
      changed = true;
    }
  }
  return changed ? changedTo('input', input) : '{"ok":true}';
}

/** The answer if `data` is an object with a plausible address; null if there is nothing to add. */
function after(data: Members | null): string | null {
  if (data === null) return null;
  const text = textOf(member(data, 'email'));
  if (text === null) return null;
  const address = normalize(text);
  if (address === null) return null;
  data.set('email_domain', quote(domain(address)));
  return changedTo('data', data);
}

function changedTo(part: string, members: Members): string {
  const answer = new Changed();
  answer.ctx.set(part, members);
  return JSON.stringify(answer);
}

function refusedEmail(message: string, value: JSON.Raw): string {
  const detail = new Detail();
  detail.field = 'email';
  detail.message = message;
  detail.value = value;
  return refused('email is not valid', [detail]);
}

function refused(error: string, details: Detail[] = []): string {
  const answer = new Refused();
  answer.error = error;
  answer.details = details;
  return JSON.stringify(answer);
}

function member(members: Members, name: string): JSON.Raw | null {
  if (!members.has(name)) return null;
  return members.get(name);
}

/** The members of an object, or null if the value is not an object. */
function membersOf(value: JSON.Raw | null): Members | null {
  if (value === null || !value.toString().startsWith('{')) return null;
  return JSON.parse<Members>(value.toString());
}

/** The characters of a JSON string, or null if the value is not a string. */
function textOf(value: JSON.Raw | null): string | null {
  if (value === null || !value.toString().startsWith('"')) return null;
  return JSON.parse<string>(value.toString());
}

function quote(text: string): JSON.Raw {
  return new JSON.Raw(JSON.stringify(text));
}
