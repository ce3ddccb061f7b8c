/** The bytes are not what WebAssembly has here. */
export class MalformedModule extends Error {
  override readonly name = 'MalformedModule';
}
