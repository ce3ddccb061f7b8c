// The same on NestJS 12, which consists of ES modules.

import './nest12';

import { HookException } from 'hookcell/nest';

import { describeBehaviors } from '../behaviors/behaviors';
import { describeAnswers } from './answers';
import { nestDriver, nestManners } from './driver';
import { describeModule } from './module';
import { describeOrder } from './order';

for (const platform of ['Express', 'Fastify'] as const) {
  describeBehaviors(`NestJS 12 and ${platform}`, nestDriver(platform), nestManners[platform]);
}

describeOrder('NestJS 12');
describeAnswers('NestJS 12');
describeModule('NestJS 12');

test('the package under test uses NestJS 12, like this file', () => {
  const nest12 = jest.requireActual<{ HttpException: unknown }>('../../nest12/node_modules/@nestjs/common/index.js');

  expect(Object.getPrototypeOf(HookException)).toBe(nest12.HttpException);
});
