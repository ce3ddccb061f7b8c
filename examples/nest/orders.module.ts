import { Inject, Module } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';

import { OrderBook } from '../orders/order-book';
import { OrdersController } from './orders.controller';

@Module({
  controllers: [OrdersController],
  providers: [{ provide: OrderBook, useFactory: () => OrderBook.open() }],
})
export class OrdersModule implements OnApplicationShutdown {
  constructor(@Inject(OrderBook) private readonly orders: OrderBook) {}

  onApplicationShutdown(): Promise<void> {
    return this.orders.close();
  }
}
