import { Body, Catch, Controller, Module, Post } from '@nestjs/common';
import type { ExceptionFilter } from '@nestjs/common';
import type { WasmRuntime } from 'hookcell';
import { HookcellModule, HookcellService, HookException, reject, UseHooks } from 'hookcell/nest';
import type { HookcellModuleOptions, StandardSchema } from 'hookcell/nest';

interface SignUp {
  email: string;
}

declare const input: StandardSchema<SignUp, SignUp>;

@Controller('users')
@UseHooks({ user: (request) => ({ id: String(request.headers['x-user']), role: 'client' }) })
export class UsersController {
  @Post()
  @UseHooks({
    before: [
      ({ input: { email } }) => (email === '' ? reject('an address is needed', { status: 400 }) : undefined),
      'plugin',
    ],
    schema: { input },
  })
  create(@Body() { email }: SignUp): string {
    return email.toLowerCase();
  }

  // @ts-expect-error: there is no such option, and the types say so.
  @UseHooks({ befor: 'plugin' })
  misspelt(): void {}
}

@Catch(HookException)
export class Filter implements ExceptionFilter<HookException> {
  catch({ failure }: HookException): string {
    return failure.kind;
  }
}

const options: HookcellModuleOptions = { config: { timeoutMs: 50 }, plugins: ['plugin'], hooks: { onFault: 'open' } };

@Module({
  imports: [HookcellModule.forRootAsync({ useFactory: async () => options })],
  controllers: [UsersController],
})
export class AppModule {}

export const runtime = (service: HookcellService): WasmRuntime => service;
