// The answers of hooks beside those of another engine.

/** The most characters of a message in a result. */
const MAX_MESSAGE = 160;

/**
 * The result of the first call that is not as elsewhere.
 *
 * @param {import('hookcell').PluginResult[]} calls
 * @param {string[]} answers JSON texts
 * @param {string} elsewhere what gave the answers
 */
export function compare(calls, answers, elsewhere) {
  for (const [index, call] of calls.entries()) {
    if (call.fault !== undefined) {
      return `throws with \`${call.fault.code}\`: ${brief(call.fault.message)}`;
    }
    if (!call.ok) {
      return `refused by the host: ${brief(JSON.stringify(call))}`;
    }
    const answer = asJson(call.ctx.data.answer);
    if (answer !== answers[index]) {
      return `differs: ${difference(answer, answers[index], elsewhere)}`;
    }
  }
  return 'same';
}

/** Both texts where they begin to differ. */
function difference(left, right, elsewhere) {
  const at = Array.from(left).findIndex((_, index) => left[index] !== right[index]);
  const start = Math.max((at === -1 ? left.length : at) - 20, 0);
  return `\`${left.slice(start, start + 60)}\`, in ${elsewhere} \`${right.slice(start, start + 60)}\``;
}

export function asJson(answer) {
  return JSON.stringify(answer) ?? 'undefined';
}

/** The first line of a message, cut, and without numbers of bytes, which change with each version of the engine. */
export function brief(message) {
  const [first] = message.split('\n');
  const line = first.replaceAll(/\d[\d,]{4,}/g, '…');
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}

export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
