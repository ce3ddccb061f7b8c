import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';

import { esbuildProgram } from './esbuild-program.js';

/** The name of every source in the process. Its output is the author's text, so the name of a file has no place there. */
export const sourceName = 'source';

/** What the process may use. */
export interface StripLimits {
  timeoutMs: number;
  /** Beyond what it starts with, in bytes. */
  maxStripBytes: number;
}

/** How the process ended. */
export type StripEnd =
  | { kind: 'done'; output: string }
  | { kind: 'refused'; message: string }
  | { kind: 'late' }
  | { kind: 'died'; reason: string };

const options = [
  '--loader=ts',
  '--target=es2023',
  '--tsconfig-raw={}',
  '--sourcemap=inline',
  '--sources-content=false',
  `--sourcefile=${sourceName}`,
  '--color=false',
  '--log-level=error',
  '--log-limit=1',
];

/** The address space that the program reserves for itself, by measurement; it then uses little of it. */
const ownKilobytes = 1_310_720;

/** Output beyond this is no transformed source. Its map and its text are each a few times as long as the source. */
const mostOutput = 33_554_432;

/**
 * A process of esbuild that removes the types of one source and then ends. esbuild executes nothing, but it is a parser outside
 * the sandboxes that reads what anybody wrote: 256 KiB can hold it for minutes, take a gigabyte, or make it crash. In a process of
 * its own that harms no other source.
 */
export class StripProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #end: Promise<StripEnd>;
  #isLate = false;

  /** Starts the process, which then waits for its source. */
  constructor(readonly limits: StripLimits) {
    const { command, arguments: first } = esbuildProgram();
    const [shell, ...rest] = limited([command, ...first, ...options], limits);
    // One thread, so that it takes one core at most; and nothing of the server's environment.
    this.#child = spawn(shell!, rest, { cwd: '/', env: { GOMAXPROCS: '1' }, stdio: 'pipe', windowsHide: true });
    this.#end = this.#read();
  }

  /** Has it ended, without a source? */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined;
  }

  /** Gives it the source, and waits for the end. */
  async strip(source: string): Promise<StripEnd> {
    const timer = setTimeout(() => {
      this.#isLate = true;
      this.kill();
    }, this.limits.timeoutMs);
    try {
      this.#child.stdin.end(source);
      return await this.#end;
    } finally {
      clearTimeout(timer);
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #read(): Promise<StripEnd> {
    const { stdin, stdout, stderr } = this.#child;
    const output = collected(stdout, () => this.kill());
    const errors = collected(stderr, () => this.kill());
    // A process that died reads nothing.
    stdin.on('error', () => {});
    return new Promise<StripEnd>((resolve) => {
      this.#child.on('error', ({ message }) => resolve({ kind: 'died', reason: message }));
      this.#child.on('close', (code, signal) => {
        if (code === 0) {
          resolve({ kind: 'done', output: output() });
        } else if (this.#isLate || signal === 'SIGXCPU') {
          resolve({ kind: 'late' });
        } else if (code === 1 && errors().includes('[ERROR]')) {
          resolve({ kind: 'refused', message: errors() });
        } else {
          const [reason] = /^(?:fatal error|runtime|panic): [^\n]*/m.exec(errors()) ?? [];
          resolve({ kind: 'died', reason: reason ?? `it ended with ${signal ?? code}` });
        }
      });
    });
  }
}

function collected(stream: NodeJS.ReadableStream, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > mostOutput) {
      tooMuch();
    } else {
      chunks.push(chunk);
    }
  });
  return () => Buffer.concat(chunks).toString();
}

/** The command under limits of the operating system, which hold while the event loop is busy too. Windows has none for this. */
function limited(command: string[], { timeoutMs, maxStripBytes }: StripLimits): string[] {
  if (process.platform === 'win32') {
    return command;
  }
  const kilobytes = ownKilobytes + Math.ceil(maxStripBytes / 1_024);
  const seconds = Math.ceil(timeoutMs / 1_000) + 1;
  // macOS knows no limit on memory.
  const script = `ulimit -v ${kilobytes} 2>/dev/null; ulimit -t ${seconds}; exec "$0" "$@"`;
  return ['/bin/sh', '-c', script, ...command];
}
