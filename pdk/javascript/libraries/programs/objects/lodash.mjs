import _ from 'lodash';

export const library = 'lodash';
export const inputs = [
  {
    people: [
      { name: 'Ada', age: 36, tags: ['a', 'b'] },
      { name: 'Grace', age: 85, tags: [] },
      { name: 'Alan', age: 41 },
    ],
  },
  { people: [] },
];

export function use(input) {
  const copy = _.cloneDeep(input);
  _.set(copy, 'a.b[2].c', 1);
  return {
    copy,
    grouped: _.groupBy(input.people, ({ age }) => (age > 40 ? 'old' : 'young')),
    sorted: _.orderBy(input.people, ['age'], ['desc']),
    picked: _.map(input.people, (person) => _.pick(person, ['name'])),
    words: ['fooBar baz', 'ÀÉ-x_y'].map((text) => [_.camelCase(text), _.kebabCase(text), _.deburr(text)]),
    merged: _.merge({ people: { length: 7 } }, input),
    equal: _.isEqual(input, copy),
    chunks: _.chunk(_.range(7), 3),
  };
}
