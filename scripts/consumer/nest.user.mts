import { Controller, Post } from '@nestjs/common';
import { HookcellModule, UseHooks } from 'hookcell/nest';

declare global {
  namespace Express {
    interface Request {
      user?: { id: string; role: string; tenant: string };
    }
  }
}

@Controller('orders')
export class OrdersController {
  @Post()
  @UseHooks({ before: 'plugin', user: (request) => request.user })
  place(): void {}
}

export const hooks = HookcellModule.forRoot({
  hooks: { user: (request) => request.user, tenantId: (request) => request.user?.tenant },
});
