export { Context } from './assembly/context';
export { JsonObject } from './assembly/object';
export { Rejection, reject } from './assembly/rejection';
export { Value } from './assembly/value';
export { log } from './assembly/log';
