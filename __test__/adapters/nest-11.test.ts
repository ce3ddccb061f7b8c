// Every adapter's behaviours on NestJS 11, which is CommonJS, and what only Nest has.

import { describeBehaviours } from './behaviours';
import { describeAnswers } from './nest-answers';
import { nestDriver, nestManners } from './nest-driver';
import { describeModule } from './nest-module';
import { describePlace } from './nest-place';

for (const platform of ['Express', 'Fastify'] as const) {
  describeBehaviours(`NestJS 11 and ${platform}`, nestDriver(platform), nestManners[platform]);
}

describePlace('NestJS 11');
describeAnswers('NestJS 11');
describeModule('NestJS 11');
