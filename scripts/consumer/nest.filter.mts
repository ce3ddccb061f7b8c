import { Catch } from '@nestjs/common';
import type { ExceptionFilter } from '@nestjs/common';
import { HookException } from 'hookcell/nest';

@Catch(HookException)
export class Filter implements ExceptionFilter<HookException> {
  catch({ failure }: HookException): string {
    return failure.kind;
  }
}
