import { Module } from '@nestjs/common';
import { HookcellModule } from 'hookcell/nest';

import { pluginFiles, tenantOf } from '../orders/tenants';
import { OrdersModule } from './orders.module';

@Module({
  imports: [
    // The plugins load before the service listens. If one does not load, the service does not start.
    HookcellModule.forRoot({ config: { timeoutMs: 100 }, plugins: pluginFiles, hooks: { tenantId: tenantOf } }),
    OrdersModule,
  ],
})
export class AppModule {}
