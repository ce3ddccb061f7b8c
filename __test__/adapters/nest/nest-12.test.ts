// The same on NestJS 12, which consists of ES modules.

import './nest12';

import { HookException } from 'hookcell/nest';

import { describeBehaviors } from '../behaviors/behaviors';
import { describeAnswers } from './answers';
import { describeControllers } from './controllers';
import { nestDriver, nestManners } from './driver';
import { describeHidden } from './hidden';
import { describeModule } from './module';
import { describeOrder } from './order';
import { describeStart } from './start';

for (const platform of ['Express', 'Fastify'] as const) {
  describeBehaviors(`NestJS 12 and ${platform}`, nestDriver(platform), nestManners[platform]);
}

const parts = [describeOrder, describeControllers, describeAnswers, describeHidden, describeStart, describeModule];
for (const describePart of parts) {
  describePart('NestJS 12');
}

test('the package under test uses NestJS 12, like this file', () => {
  const nest12 = jest.requireActual<{ HttpException: unknown }>('../../nest12/node_modules/@nestjs/common/index.js');

  expect(Object.getPrototypeOf(HookException)).toBe(nest12.HttpException);
});
