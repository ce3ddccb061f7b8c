// Every adapter's behaviors on NestJS 11, which is CommonJS, and what only Nest has.

import { describeBehaviors } from '../behaviors/behaviors';
import { describeAnswers } from './answers';
import { nestDriver, nestManners } from './driver';
import { describeModule } from './module';
import { describeOrder } from './order';

for (const platform of ['Express', 'Fastify'] as const) {
  describeBehaviors(`NestJS 11 and ${platform}`, nestDriver(platform), nestManners[platform]);
}

describeOrder('NestJS 11');
describeAnswers('NestJS 11');
describeModule('NestJS 11');
