// The shop's rules for prices, which change more often than the server. All amounts are whole cents, so nothing is rounded twice.

import { reject, type Hook, type Json } from '@hookcell/javascript';

export const before_hook: Hook = ({ input, user }) => {
  const { items, coupon } = input;
  if (!Array.isArray(items) || items.length === 0 || items.length > 200) {
    return wrong('items', 'must be a list of 1 to 200 items');
  }
  let subtotal = 0;
  let bulk = 0;
  for (const [index, item] of items.entries()) {
    const quantity = whole(item, 'quantity', 1, 10_000);
    const unit = whole(item, 'unit_cents', 0, 10_000_000);
    if (quantity === undefined) return wrong(`items[${index}].quantity`, 'must be a whole number from 1 to 10,000');
    if (unit === undefined) return wrong(`items[${index}].unit_cents`, 'must be a whole number from 0 to 10,000,000');
    subtotal += quantity * unit;
    bulk += quantity >= 10 ? percent(quantity * unit, 10) : 0;
  }

  let total = subtotal;
  const discounts: { rule: string; cents: number }[] = [];
  const take = (rule: string, cents: number) => {
    if (cents === 0) return;
    discounts.push({ rule, cents });
    total -= cents;
  };
  take('10 or more of an item', bulk);
  take('staff', user?.role === 'staff' ? percent(total, 20) : 0);
  take('coupon WELCOME', coupon === 'WELCOME' && total >= 5_000 ? 500 : 0);
  // Whatever the client sent under these names is replaced.
  Object.assign(input, { subtotal_cents: subtotal, discounts, total_cents: total });
  return undefined;
};

/** The share of an amount, in favor of the shop. */
function percent(cents: number, share: number): number {
  return Math.floor((cents * share) / 100);
}

/** A member that is a whole number within bounds. */
function whole(item: Json | undefined, name: string, least: number, most: number): number | undefined {
  const value = typeof item === 'object' && item !== null && !Array.isArray(item) ? item[name] : undefined;
  const isWhole = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
  return isWhole ? value : undefined;
}

function wrong(field: string, message: string) {
  return reject('the order cannot be priced', [{ field, message }]);
}
