// The same on NestJS 12, which consists of ES modules.

import '../support/nest12';

import { HookException } from 'hookcell/nest';

import { describeBehaviours } from './behaviours';
import { describeAnswers } from './nest-answers';
import { nestDriver, nestManners } from './nest-driver';
import { describeModule } from './nest-module';
import { describePlace } from './nest-place';

for (const platform of ['Express', 'Fastify'] as const) {
  describeBehaviours(`NestJS 12 and ${platform}`, nestDriver(platform), nestManners[platform]);
}

describePlace('NestJS 12');
describeAnswers('NestJS 12');
describeModule('NestJS 12');

test('the package under test uses NestJS 12, like this file', () => {
  const nest12 = jest.requireActual<{ HttpException: unknown }>('../nest12/node_modules/@nestjs/common/index.js');

  expect(Object.getPrototypeOf(HookException)).toBe(nest12.HttpException);
});
