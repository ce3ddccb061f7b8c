import jmespath from 'jmespath';

export const library = 'jmespath';
export const inputs = [
  'people[?age > `40`].{name: name, tag: tags[0]}',
  'sort_by(people, &age)[-1].name',
  'people[',
  'max(people[*].age)',
];

const document = {
  people: [
    { name: 'Ada', age: 36, tags: ['x'] },
    { name: 'Grace', age: 85, tags: ['y', 'z'] },
  ],
};

export function use(input) {
  try {
    return jmespath.search(document, input);
  } catch ({ name, message }) {
    return { name, message };
  }
}
