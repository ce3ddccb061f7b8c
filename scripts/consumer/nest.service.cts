import { Injectable } from '@nestjs/common';
import type { PluginResult } from 'hookcell';
import { HookcellService } from 'hookcell/nest';

interface SignUp {
  email: string;
}

@Injectable()
export class Users {
  constructor(private readonly hookcell: HookcellService) {}

  signUp(input: SignUp): Promise<PluginResult<SignUp>> {
    return this.hookcell.callHook<SignUp>('plugin', 'before_hook', { input });
  }
}
