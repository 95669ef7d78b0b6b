import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from '@ceres/testkit';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const rounds = 31;

interface Costs {
  readonly wallMs: number[];
  readonly cpuMs: number[];
}

/** Compares the start of `ceres --help` with that of a Node that runs nothing. A ratio of 2 is the most it may be. */
export function run(): void {
  const ours: Costs = { wallMs: [], cpuMs: [] };
  const theirs: Costs = { wallMs: [], cpuMs: [] };
  for (let round = -1; round < rounds; round += 1) {
    const [help, node] = [costOf([main, '--help']), costOf(['-e', '0'])];
    if (round < 0) continue; // it fills the caches of the file system
    for (const [costs, cost] of [
      [ours, help],
      [theirs, node],
    ] as const) {
      costs.wallMs.push(cost.wallMs);
      costs.cpuMs.push(cost.cpuMs);
    }
  }
  print('help-vs-node', 'ms', median(ours.wallMs), median(theirs.wallMs));
  print('help-vs-node-cpu', 'CPU ms', median(ours.cpuMs), median(theirs.cpuMs));
}

/** Returns what one run of Node costs. Bash measures it, because Node does not tell what a child has used. */
function costOf(args: readonly string[]): { readonly wallMs: number; readonly cpuMs: number } {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$@" > /dev/null';
  const { stderr } = spawnSync('bash', ['-c', script, 'bash', process.execPath, ...args], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [, wall, user, system] = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+)$/m.exec(stderr) ?? [];
  if (wall === undefined) throw new Error(`Expected bash to measure ${args.join(' ')}, got: ${stderr}`);
  return { wallMs: Math.round(1000 * Number(wall)), cpuMs: Math.round(1000 * (Number(user) + Number(system))) };
}

function print(name: string, unit: string, ours: number, theirs: number): void {
  const ratio = Math.round((1000 * ours) / theirs) / 1000;
  console.log(JSON.stringify({ bench: 'cli', case: name, unit, ours, peer: 'node -e 0', theirs, ratio }));
}
