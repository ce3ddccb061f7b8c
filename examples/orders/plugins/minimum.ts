// The hook that initech begins with. It can change it in the editor of the Express example.
import { reject, type Hook } from '@hookcell/javascript';

interface Order {
  email: string;
  item: string;
  quantity: number;
}

const minimum = 5;

export const before_hook: Hook<Order> = ({ input }) => {
  if (input.quantity < minimum) {
    return reject(`at least ${minimum} of an item`, [{ field: 'quantity', message: `must be at least ${minimum}` }]);
  }
  input.item = input.item.trim().toLowerCase();
  return undefined;
};
