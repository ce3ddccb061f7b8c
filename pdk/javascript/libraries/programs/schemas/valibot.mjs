import * as v from 'valibot';

const user = v.object({
  email: v.pipe(v.string(), v.trim(), v.email()),
  age: v.pipe(v.number(), v.integer(), v.minValue(18)),
  since: v.optional(v.pipe(v.string(), v.isoDate())),
});

export const library = 'valibot';
export const inputs = [
  { email: ' ada@example.com ', age: 36, since: '2020-02-29' },
  { email: 'ada', age: 17.5, since: '2020' },
  {},
];

export function use(input) {
  const { success, output, issues } = v.safeParse(user, input);
  return success ? { output } : { issues: v.flatten(issues) };
}
