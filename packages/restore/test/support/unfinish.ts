import { readFile, writeFile } from 'node:fs/promises';

/** Turns a finished journal into what a kill after the first `kept` files would have left. */
export async function unfinish(journal: string, kept = 0): Promise<void> {
  let done = 0;
  const lines = (await readFile(journal, 'utf8')).split('\n').filter((line) => {
    if (line.includes('"done"')) done += 1;
    return !line.includes('"finished"') && (!line.includes('"done"') || done <= kept);
  });
  await writeFile(journal, lines.join('\n'));
}
