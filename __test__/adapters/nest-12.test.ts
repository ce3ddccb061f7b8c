// The same on NestJS 12, which is made of ES modules.

import '../support/nest12';

import { describeBehaviours } from './behaviours';
import { nestDriver, nestManners } from './nest-driver';

for (const platform of ['Express', 'Fastify'] as const) {
  describeBehaviours(`NestJS 12 and ${platform}`, nestDriver(platform), nestManners[platform]);
}
