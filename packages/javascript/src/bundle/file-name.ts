/** The package that a file is from, or undefined if it is the author's. */
export function packageOf(file: string): string | undefined {
  return file.startsWith('package:')
    ? file.slice('package:'.length)
    : /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

/**
 * The name of a file in messages: one of a package is from `node_modules`, wherever that is. A name may come from a source map
 * that the author wrote, so it can contain anything.
 */
export function shownFile(file: string): string {
  const name = file.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
  return packageOf(name) === undefined ? name : name.replace(/^.*(?=node_modules\/)/, '');
}
