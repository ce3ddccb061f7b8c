import { workerData } from 'piscina';
import { Guest } from '../../../scripts/plugins/guest.mjs';

const guests = new Map([...workerData].map(([name, module]) => [name, new Guest(module)]));

/** What the plugin answers to a context of JSON text. */
export default function run({ plugin, context }) {
  return guests.get(plugin).call('before_hook', context).answer;
}
