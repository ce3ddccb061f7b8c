import mitt from 'mitt';

export const library = 'mitt';
export const inputs = [['a', 'b', 'a'], []];

export function use(input) {
  const heard = [];
  const emitter = mitt();
  emitter.on('a', (value) => heard.push(['a', value]));
  emitter.on('*', (type, value) => heard.push([type, value]));
  input.forEach((type, index) => emitter.emit(type, index));
  return heard;
}
