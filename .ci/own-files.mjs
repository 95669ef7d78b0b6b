import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What .gitignore leaves out. Git itself is not asked: an unpacked archive has no history, and a container may not trust it. */
const ignored = /(?:^|\/)(?:node_modules|dist|coverage|\.git|\.cache)$|^examples\/[^/]+\/data$|^backup-[^/]*$/;

/** Lists the files of the repository at or below `path`, without what is installed, built or made by a run. */
export function ownFiles(path = '.') {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const child = join(path, entry.name);
    if (ignored.test(child) || entry.isSymbolicLink()) return [];
    return entry.isDirectory() ? ownFiles(child) : [child];
  });
}

/** Lists the sources of all packages. */
export function packageSources() {
  return ownFiles('packages').filter((path) => /^packages\/[\w-]+\/src\/.*\.ts$/.test(path));
}
