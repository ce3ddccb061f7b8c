// Every adapter's behaviors on NestJS 11, which is CommonJS, and what only Nest has.

import { describeBehaviors } from '../behaviors/behaviors';
import { describeAnswers } from './answers';
import { describeControllers } from './controllers';
import { nestDriver, nestManners } from './driver';
import { describeHidden } from './hidden';
import { describeModule } from './module';
import { describeOrder } from './order';
import { describeStart } from './start';

for (const platform of ['Express', 'Fastify'] as const) {
  describeBehaviors(`NestJS 11 and ${platform}`, nestDriver(platform), nestManners[platform]);
}

const parts = [describeOrder, describeControllers, describeAnswers, describeHidden, describeStart, describeModule];
for (const describePart of parts) {
  describePart('NestJS 11');
}
