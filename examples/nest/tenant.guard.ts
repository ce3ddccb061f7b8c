import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

import { isTenant, tenantOf } from '../orders/tenants';

/** Lets tenants in and nobody else: guards run before the hooks. */
@Injectable()
export class TenantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return isTenant({ tenant_id: tenantOf(context.switchToHttp().getRequest<Request>()) });
  }
}
