import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Lists what can be imported from each package, as its `exports` say: the name of the entry, and its source. */
export function packageEntries() {
  return readdirSync(join(root, 'packages')).flatMap((folder) => {
    const packageFile = join(root, 'packages', folder, 'package.json');
    if (!existsSync(packageFile)) return [];
    const manifest = JSON.parse(readFileSync(packageFile, 'utf8'));
    return Object.entries(manifest.exports)
      .filter(([_path, target]) => target['@ceres/source'] !== undefined)
      .map(([path, target]) => ({
        name: manifest.name + path.slice(1),
        isPublic: !manifest.private && path !== './internal',
        source: join(root, 'packages', folder, target['@ceres/source']),
      }));
  });
}
