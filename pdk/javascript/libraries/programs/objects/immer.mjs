import { enablePatches, produce, produceWithPatches } from 'immer';

enablePatches();

export const library = 'immer';
export const inputs = [{ cart: { items: [{ id: 1, n: 1 }], note: '' } }, { cart: { items: [] } }];

export function use(input) {
  const [next, patches, inverse] = produceWithPatches(input, (draft) => {
    draft.cart.items.push({ id: 2, n: 3 });
    draft.cart.items[0].n += 1;
    delete draft.cart.note;
  });
  return { next, patches, inverse, shared: produce(input, () => {}) === input, frozen: Object.isFrozen(next.cart) };
}
