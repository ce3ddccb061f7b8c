import { count, paint, printHeading, printWrapped } from './terminal.mjs';

/**
 * Prints in a few sentences what the requests showed.
 *
 * @param {Awaited<ReturnType<typeof import('./player.mjs').playScenarios>>} played
 * @returns {boolean} whether everything was as expected
 */
export function printSummary({ exchanges, served }) {
  printHeading('Summary');
  const wrong = exchanges.filter(({ surprises }) => surprises.length > 0).length;
  if (wrong > 0) {
    console.log(paint('red', `  ${wrong} of ${count(exchanges.length, 'request')} did not go as expected.`));
    return false;
  }

  const outcomes = exchanges.map(({ hooks }) => hooks?.outcome);
  const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
  const rejected = outcomes.filter((outcome) => outcome === 'rejected').length;
  const failed = outcomes.filter((outcome) => outcome?.startsWith('ERR_')).length;
  const stored = exchanges.flatMap((exchange) => exchange.stored).length;
  const sentences = [
    `${count(exchanges.length, 'request')}: the plugins accepted ${accepted}, rejected ${rejected} and failed in ` +
      `${failed}; one plugin was not even loaded.`,
    `The database has ${count(stored, 'new row')}, as the plugins normalized them, and nothing that they rejected.`,
    'After each failure the next request was answered.',
    `While one plugin looped, another tenant had ${count(served.length, 'request')} answered.`,
  ];
  for (const sentence of sentences) {
    printWrapped('  ', sentence);
  }
  printWrapped('  ', 'Every answer was as expected.', 'green');
  return true;
}
