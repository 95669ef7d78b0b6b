// Until the campaigns are gathered: `tsx packages/restore/campaign/main.ts --kill-restore 100 [--seed 1]`.
import { parseArgs } from 'node:util';
import { killRestore } from './kill-restore';

const { values } = parseArgs({
  options: {
    'kill-restore': { type: 'string', default: '0' },
    'kill-influxd': { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    lines: { type: 'string', default: '60000' },
  },
});
const result = await killRestore({
  kills: Number(values['kill-restore']),
  serverKills: Number(values['kill-influxd']),
  seed: Number(values.seed),
  lines: Number(values.lines),
  log: (line) => console.error(line),
});
for (const loss of result.losses) console.error(loss);
console.log(
  `kills ${result.kills}, server kills ${result.serverKills}, restores ${result.restores}, digests ${result.digests.join(' ')}, losses ${result.losses.length}`,
);
process.exitCode = result.losses.length === 0 && result.digests.length === 1 ? 0 : 1;
