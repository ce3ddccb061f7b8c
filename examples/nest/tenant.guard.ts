import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

import { isTenant, tenantOf } from '../orders/tenants';

/** Admits only tenants. Guards run before the hooks. */
@Injectable()
export class TenantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return isTenant({ tenant_id: tenantOf(context.switchToHttp().getRequest<Request>()) });
  }
}
