import { meanwhile, scenarios } from './scenarios.mjs';
import { paint, printHeading } from './terminal.mjs';

/** Prints commands that send the requests of each scenario. */
export function printCommands(url) {
  for (const { title, steps } of scenarios) {
    printHeading(title);
    for (const step of steps.filter(({ brief }) => brief !== true)) {
      console.log(`${paint('dim', comment(step))}\n${post(url, step)}`);
    }
  }
  printHeading(meanwhile.title);
  console.log(`${post(url, meanwhile.hostile)} &\n${post(url, meanwhile.ordinary(1))}`);
  printHeading('The rows of a tenant in the database');
  console.log(`curl -i ${url}/users -H x-tenant:acme`);
}

function comment({ tenant, does, expected: { status, outcome } }) {
  const who = does === undefined ? tenant : `${tenant}: ${does}`;
  return `# ${who} → ${outcome === undefined ? status : `${status}, ${outcome}`}`;
}

// On two lines. Most terminals would wrap one, and a wrapped line is hard to copy.
function post(url, { tenant, body }) {
  const json = JSON.stringify(body);
  return `curl -i ${url}/users -H content-type:application/json \\\n  -H x-tenant:${tenant} -d '${json}'`;
}
