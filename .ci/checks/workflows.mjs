// A tag of someone else's repository can be moved to other code, a commit cannot: every action of a workflow is pinned by its
// commit, with the version beside it for readers. Usage: node .ci/checks/workflows.mjs [folder]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2] ?? '.github';
const files = readdirSync(folder, { recursive: true }).filter((path) => /\.ya?ml$/.test(path));
const uses = files.flatMap((path) => usesOf(join(folder, path)));
const unpinned = uses.filter(({ text }) => !isPinned(text));

for (const { place, text } of unpinned) {
  console.error(`${place}: \`uses: ${text}\` is not pinned. Write owner/name@<40 hex digits> # vX.Y.Z.`);
}
console.log(`workflows: ${files.length} files, ${uses.length} actions, ${unpinned.length} not pinned`);
process.exitCode = unpinned.length === 0 && files.length > 0 ? 0 : 1;

function usesOf(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line, index) => ({
      place: `${path}:${index + 1}`,
      text: /^[\s-]*["']?uses["']?\s*:\s*(.*)$/.exec(line)?.[1],
    }))
    .filter(({ text }) => text !== undefined);
}

function isPinned(text) {
  const local = /^\.\/[\w./-]+$/.exec(text)?.[0];
  if (local !== undefined) return existsSync(local);
  return (
    /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(text) || /^docker:\/\/\S+@sha256:[0-9a-f]{64}$/.test(text)
  );
}
