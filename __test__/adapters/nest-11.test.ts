// Every adapter's behaviours on NestJS 11, which is CommonJS, and what is Nest's own.

import { describeBehaviours } from './behaviours';
import { describeNest } from './nest-behaviours';
import { nestDriver, nestManners } from './nest-driver';

for (const platform of ['Express', 'Fastify'] as const) {
  describeBehaviours(`NestJS 11 and ${platform}`, nestDriver(platform), nestManners[platform]);
}

describeNest('NestJS 11');
