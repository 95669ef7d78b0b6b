import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Lists what users may import, as the packages' `exports` say: the name of each entry, and its source. */
export function publicEntries() {
  return readdirSync(join(root, 'packages')).flatMap((folder) => {
    const packageFile = join(root, 'packages', folder, 'package.json');
    if (!existsSync(packageFile)) return [];
    const manifest = JSON.parse(readFileSync(packageFile, 'utf8'));
    if (manifest.private) return [];
    return Object.entries(manifest.exports)
      .filter(([path, target]) => path !== './internal' && target['@ceres/source'] !== undefined)
      .map(([path, target]) => ({
        name: manifest.name + path.slice(1),
        source: join(root, 'packages', folder, target['@ceres/source']),
      }));
  });
}
