// A reporter for Jest: ends a run that tests keep from ending, and says what they left open, and which file did.

/** How long what was left open may take to close by itself, in milliseconds. */
const CLOSES_WITHIN = 5_000;

export default class Leftovers {
  #before = open();
  /** The files that have ended, with what was open then. With one worker, tests run in this process. */
  #files = [];

  onTestFileResult({ path }) {
    this.#files.push({ path, open: open() });
  }

  onRunComplete() {
    // It keeps nothing alive, so it is called only if something else does.
    setTimeout(() => {
      const left = Object.entries(open()).filter(([kind, count]) => count > (this.#before[kind] ?? 0));
      for (const [kind, count] of left) {
        console.error(`left open by tests: ${count} ${kind}, ${this.#since(kind)}`);
      }
      console.error('Jest does not end by itself, so it is ended.');
      // With Jest's own exit code.
      process.exit();
    }, CLOSES_WITHIN).unref();
  }

  /** After which file each later one ended with more of this kind than there were before the first. */
  #since(kind) {
    const last = this.#files.findLastIndex((file) => (file.open[kind] ?? 0) <= (this.#before[kind] ?? 0));
    const file = this.#files[last + 1];
    return file === undefined ? 'since the last file' : `since ${file.path}`;
  }
}

/** How many resources of each kind keep this process alive. */
function open() {
  const counts = {};
  for (const kind of process.getActiveResourcesInfo()) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
