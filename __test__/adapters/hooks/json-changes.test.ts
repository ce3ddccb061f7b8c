// Changes of a plugin, applied to the value that the server has.

import { applyJsonChanges } from '../../../lib/hooks/json-changes';

class User {
  constructor(
    readonly id: number,
    readonly at: Date,
  ) {}
}

const at = new Date(0);
const bytes = Buffer.from('x');
const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as any;

test.each([
  ['an object', { a: 1, none: undefined, run: () => 1, at, bytes }],
  ['an array', [1, [at], { bytes }]],
  ['an instance', new User(1, at)],
  ['a map', new Map([[1, 2]])],
  ['numbers without a word in JSON', { a: Number.NaN, b: -0, c: [undefined] }],
  ['a scalar', 7],
  ['null', null],
])('%s without a change stays the same object', (_, value) => {
  expect(applyJsonChanges(value, json(value), json(value))).toBe(value);
  expect(applyJsonChanges(value, value, json(value))).toBe(value);
});

test('what a plugin leaves alone next to a change stays the same object', () => {
  const value = { name: 'ada', at, bytes, none: undefined, deep: { at, list: [at, bytes] }, map: new Map([[1, 2]]) };

  const changed: any = applyJsonChanges(value, value, { ...json(value), name: 'eve' });

  expect(changed).toEqual({ ...value, name: 'eve' });
  expect(Object.keys(changed)).toEqual(['name', 'at', 'bytes', 'deep', 'map', 'none']);
  expect(changed.at).toBe(at);
  expect(changed.deep).toBe(value.deep);
  expect(changed.map).toBe(value.map);
  expect(value.name).toBe('ada');
});

test('members are added and removed at every depth', () => {
  const value = { a: { b: 1, at, gone: 1 }, c: [1, 2, 3] };

  expect(applyJsonChanges(value, value, { a: { b: 1, at: json(at), more: 2 }, c: [1, 4] })).toEqual({
    a: { b: 1, at, more: 2 },
    c: [1, 4],
  });
});

test('an instance with a change becomes a plain object of its members', () => {
  const changed = applyJsonChanges(new User(1, at), new User(1, at), { id: 2, at: json(at) });

  expect(changed).toStrictEqual({ id: 2, at });
});

test('a Buffer or a Date with a change becomes what the plugin made of it', () => {
  expect(applyJsonChanges({ at, bytes }, { at, bytes }, { at: 'now', bytes: { type: 'Buffer', data: [1] } })).toEqual({
    at: 'now',
    bytes: { type: 'Buffer', data: [1] },
  });
});

test('what a replacer leaves out stays in its object', () => {
  const value = { user: { name: 'ada', password: 'x' } };

  expect(applyJsonChanges(value, { user: { name: 'ada' } }, { user: { name: 'eve' } })).toEqual({
    user: { name: 'eve', password: 'x' },
  });
});

test.each([
  ['swapped', [1, 0]],
  ['without the first', [1]],
])('what one element hides never moves to another: %s', (_, order) => {
  const users = [
    { id: 1, password: 'a', auth: { token: 'a' }, keys: new Map([[1, 'a']]) },
    { id: 2, password: 'b', auth: { token: 'b' }, keys: new Map([[1, 'b']]) },
  ];
  const given = users.map(({ id }) => ({ id, auth: {}, keys: {} }));

  const changed = applyJsonChanges(
    users,
    given,
    order.map((index) => given[index]),
  );

  expect(changed).toStrictEqual(order.map((index) => given[index]));
});

test('the time for deep nesting grows with its length, not with its depth', () => {
  const nested = (leaf: number) => {
    let value: unknown = leaf;
    for (let depth = 0; depth < 120; depth += 1) {
      value = [value];
    }
    return value;
  };

  expect(applyJsonChanges(nested(1), nested(1), nested(2))).toEqual(nested(2));
});
