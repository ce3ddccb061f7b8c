import { Body, Controller, Get, NotFoundException, Param, Post, Req, UseGuards } from '@nestjs/common';
import type { Request } from 'express';
import { UseHooks } from 'hookcell/nest';

import { newOrder } from '../orders/order';
import type { NewOrder, Order } from '../orders/order';
import { OrderBook } from '../orders/order-book';
import { afterOf, beforeOf, tenantOf } from '../orders/tenants';
import { TenantGuard } from './tenant.guard';

@Controller('orders')
@UseGuards(TenantGuard)
// The tenant's plugin adds to the order in every response.
@UseHooks({ after: { plugin: afterOf } })
export class OrdersController {
  constructor(private readonly orders: OrderBook) {}

  @Post()
  @UseHooks({ before: { plugin: beforeOf }, schema: { input: newOrder } })
  place(@Req() request: Request, @Body() order: NewOrder): Promise<Order> {
    // The body is what the tenant's plugin made of it, and the schema has checked it.
    return this.orders.place(tenantOf(request), order);
  }

  @Get(':id')
  async find(@Req() request: Request, @Param('id') id: string): Promise<Order> {
    const order = await this.orders.find(tenantOf(request), id);
    if (order === undefined) {
      throw new NotFoundException('there is no such order');
    }
    return order;
  }
}
