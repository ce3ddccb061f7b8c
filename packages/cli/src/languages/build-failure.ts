/** The compiler says that the source makes no plugin. The message is what the compiler said. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure';
}
