import { Logger } from '@nestjs/common';

import { frameworkLogger } from '../../diagnostics.js';

/** The application's log, unless the user chose another. */
export const nestLog = frameworkLogger(new Logger('hookcell'));
