import qs from 'qs';

export const library = 'qs';
export const inputs = ['a[b][c]=1&d[]=2&d[]=3&e=%C3%A9', 'a.b=1&__proto__[x]=1', '?x=1&x=2&y'];

export function use(input) {
  const parsed = qs.parse(input, { allowDots: true, ignoreQueryPrefix: true });
  return {
    parsed,
    text: qs.stringify(parsed),
    list: qs.stringify({ a: [1, 2], b: { c: null } }, { arrayFormat: 'repeat' }),
  };
}
