// Import this first: it replaces NestJS 11 with NestJS 12 for everything imported after it, including the package.

const packages = `${__dirname}/../../nest12/node_modules/@nestjs`;

jest.mock('@nestjs/common', () => jest.requireActual(`${packages}/common/index.js`));
jest.mock('@nestjs/common/constants.js', () => jest.requireActual(`${packages}/common/constants.js`));
jest.mock('@nestjs/core', () => jest.requireActual(`${packages}/core/index.js`));
jest.mock('@nestjs/platform-express', () => jest.requireActual(`${packages}/platform-express/index.js`));
jest.mock('@nestjs/platform-fastify', () => jest.requireActual(`${packages}/platform-fastify/index.js`));
jest.mock('@nestjs/testing', () => jest.requireActual(`${packages}/testing/index.js`));
