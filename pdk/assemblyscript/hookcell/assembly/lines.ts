import { Output } from './output';

/** The address of the log's lines, which the host reads. */
export let log_ptr: usize = 0;
/** Their length in bytes. */
export let log_len: usize = 0;

let lines: Output | null = null;

/** Appends a line. It is dropped if the lines would be longer than `most` bytes. */
export function append(line: Output, most: usize): void {
  if (log_len + line.len > most) return;
  let all = lines;
  if (all === null) {
    all = new Output(1024);
    lines = all;
  }
  all.bytes(line.ptr, line.len);
  log_ptr = all.ptr;
  log_len = all.len;
}
