import { OrderBook } from './order-book';

let book: OrderBook;
beforeAll(async () => {
  book = await OrderBook.open();
}, 30_000);
afterAll(() => book.close());

const tea = { email: 'ada@example.com', item: 'tea', quantity: 2 };

test('an order is found under the number that it was given', async () => {
  const order = await book.place('acme', tea);

  expect(order).toEqual({ id: expect.any(Number), ...tea });
  expect(await book.find('acme', String(order.id))).toEqual(order);
});

test.each(['0', '1.5', 'x', ''])('there is no order %j', async (id) => {
  expect(await book.find('acme', id)).toBeUndefined();
});

test('a tenant does not find the order of another', async () => {
  const { id } = await book.place('acme', tea);

  expect(await book.find('globex', String(id))).toBeUndefined();
});
