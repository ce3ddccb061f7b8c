import { Body, Controller, Post } from '@nestjs/common';
import { reject, UseHooks } from 'hookcell/nest';
import type { StandardSchema } from 'hookcell/nest';

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

  // @ts-expect-error: the types refuse an unknown option.
  @UseHooks({ befor: 'plugin' })
  misspelt(): void {}
}
