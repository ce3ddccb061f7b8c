import { match, P } from 'ts-pattern';

export const library = 'ts-pattern';
export const inputs = [{ type: 'card', number: '42' }, { type: 'cash', coins: [1, 2, 3] }, 'nothing', { type: 'card' }];

export function use(input) {
  return match(input)
    .with({ type: 'card', number: P.string.startsWith('4') }, ({ number }) => `card ${number}`)
    .with({ type: 'cash', coins: P.array(P.number) }, ({ coins }) => `${coins.length} coins`)
    .with(P.string, (text) => text.toUpperCase())
    .otherwise(() => 'unknown');
}
