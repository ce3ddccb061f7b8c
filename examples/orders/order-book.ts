import { PGlite } from '@electric-sql/pglite';

import type { NewOrder, Order } from './order';

/** The orders of all tenants, in a Postgres that runs in this process (PGlite) and forgets them when it ends. */
export class OrderBook {
  readonly #database: PGlite;

  private constructor(database: PGlite) {
    this.#database = database;
  }

  static async open(): Promise<OrderBook> {
    const database = await PGlite.create();
    await database.exec(`
      create table orders (
        id       integer generated always as identity primary key,
        tenant   text not null,
        email    text not null,
        item     text not null,
        quantity integer not null
      )`);
    return new OrderBook(database);
  }

  async place(tenant: string, { email, item, quantity }: NewOrder): Promise<Order> {
    const { rows } = await this.#database.query<Order>(
      'insert into orders (tenant, email, item, quantity) values ($1, $2, $3, $4) returning id, email, item, quantity',
      [tenant, email, item, quantity],
    );
    return rows[0] as Order;
  }

  /** `undefined` if the tenant has no such order, even if another tenant has. */
  async find(tenant: string, id: string): Promise<Order | undefined> {
    const { rows } = await this.#database.query<Order>(
      'select id, email, item, quantity from orders where tenant = $1 and id::text = $2',
      [tenant, id],
    );
    return rows[0];
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}
