import { strikeBackups } from './damage/campaign';

/**
 * `--damage N` damages a backup of 50 files N times and restores it. The database must hold no value that was never written, and
 * every file whose content is damaged must be named.
 */
export async function run(rounds: number, seed: number): Promise<boolean> {
  const log = (line: string) => console.error(line);
  const { strikes, damaged, named, harmless, hidden, faults } = await strikeBackups({ rounds, seed, log });
  for (const fault of faults) console.error(fault);
  const figures = `rounds ${rounds}, strikes ${strikes}, damaged ${damaged}, named ${named}, harmless ${harmless}, hidden by the server ${hidden}`;
  console.log(`damage: ${figures}, faults ${faults.length} (seed ${seed})`);
  return faults.length === 0;
}
