// `npm run faults -- --schedules 10000 --seed 1`: the long campaigns that break things on purpose, one per option.
import { parseArgs } from 'node:util';

/** Does `count` rounds, prints its figures, and resolves with `true` if it found nothing wrong. */
interface Campaign {
  run(count: number, seed: number): Promise<boolean>;
}

/** The campaigns by the option that gives the number of their rounds. */
const campaigns: Readonly<Record<string, () => Promise<Campaign>>> = {
  schedules: () => import('../../backup-sink/campaign/schedules'),
  kill: () => import('../../backup-sink/campaign/kill'),
  'power-cuts': () => import('../../backup-sink/campaign/power-cuts'),
  'full-disk': () => import('../../backup-sink/campaign/full-disk'),
  takeover: () => import('../../backup-sink/campaign/takeover'),
  'kill-restore': () => import('../../restore/campaign/kill-restore'),
  'kill-native': () => import('../../restore/campaign/kill-native'),
  'kill-seed': () => import('./kill-seed'),
  overwrite: () => import('../../restore/campaign/overwrite'),
  'altered-value': () => import('../../restore/campaign/altered-value'),
  spellings: () => import('./spellings'),
  planted: () => import('./planted'),
  damage: () => import('../../restore/campaign/damage'),
  heal: () => import('./heal'),
  live: () => import('./live'),
  drill: () => import('./drill'),
  watch: () => import('./watch'),
  salvage: () => import('../../tsm/campaign/salvage'),
};

const names = Object.keys(campaigns);
const number = { type: 'string' } as const;
const { values } = parseArgs({ options: { ...Object.fromEntries(names.map((name) => [name, number])), seed: number } });
const given: Readonly<Record<string, string | undefined>> = values;
const chosen = names.filter((name) => given[name] !== undefined);

if (chosen.length === 0) {
  console.error(
    `Expected the name of a campaign. Give one of ${names.map((name) => `--${name} N`).join(', ')}, and --seed N.`,
  );
  process.exitCode = 2;
}
for (const name of chosen) {
  const campaign = await campaigns[name]?.();
  const isGood = await campaign?.run(wholeNumber(name, given[name]), wholeNumber('seed', given.seed ?? '1'));
  if (!isGood) process.exitCode = 1;
}
// A sink whose crash was simulated in this process may leave the deadline of a put behind, which is a timer of 15 minutes.
process.exit();

function wholeNumber(name: string, text = ''): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`Expected --${name} to be a whole number of up to ten digits, got '${text}'.`);
}
