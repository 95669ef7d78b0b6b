// `npm run bench -- <name> …` runs packages/*/bench/<name>.ts. Each exports `run()` and prints its figures on stdout.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const benches = await findBenches();
const names = process.argv.slice(2);
const unknown = names.filter((name) => !benches.has(name));

if (names.length === 0 || unknown.length > 0) {
  const problem = names.length === 0 ? 'Which bench?' : `There is no bench '${unknown.join("', '")}'.`;
  console.error(`${problem} Name one or more of: ${[...benches.keys()].sort().join(', ')}.`);
  process.exitCode = 2;
} else {
  for (const name of names) {
    for (const file of benches.get(name) ?? []) {
      const { run } = (await import(pathToFileURL(file).href)) as { run?: () => void | Promise<void> };
      if (run === undefined) throw new Error(`Expected ${file} to export run().`);
      await run();
    }
  }
}

/** Returns the files of every bench. More than one package may have a bench of one name. */
async function findBenches(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const folder of await readdir('packages')) {
    for (const file of await filesIn(join('packages', folder, 'bench'))) {
      const name = /^([\w-]+)\.ts$/.exec(file)?.[1];
      if (name === undefined) continue;
      found.set(name, [...(found.get(name) ?? []), join(process.cwd(), 'packages', folder, 'bench', file)]);
    }
  }
  return found;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
