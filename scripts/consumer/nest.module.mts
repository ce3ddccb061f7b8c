import { Module } from '@nestjs/common';
import type { WasmRuntime } from 'hookcell';
import { HookcellModule } from 'hookcell/nest';
import type { HookcellModuleOptions, HookcellService } from 'hookcell/nest';

import { UsersController } from './nest.controller.mjs';

const options: HookcellModuleOptions = { config: { timeoutMs: 50 }, plugins: ['plugin'], hooks: { onFault: 'open' } };

@Module({
  imports: [HookcellModule.forRootAsync({ useFactory: async () => options })],
  controllers: [UsersController],
})
export class AppModule {}

export const runtime = (service: HookcellService): WasmRuntime => service;
