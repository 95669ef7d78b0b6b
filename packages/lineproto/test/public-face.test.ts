import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as internal from '../src/internal';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** Returns the names in the `export` statements of a file, types included. */
function exportedNames(path: string): string[] {
  const lists = read(path).matchAll(/export (?:type )?\{([^}]*)\}/g);
  return Array.from(lists, ([, list = '']) => list.split(','))
    .flat()
    .map((name) => name.replace('type ', '').trim())
    .filter((name) => name !== '');
}

describe('the public face', () => {
  it('is what the README lists, and nothing else', () => {
    const table = /^## All exports\n(.*?)^`@ceres/ms.exec(read('../README.md'))?.[1] ?? '';
    const listed = Array.from(table.matchAll(/^\| (.*?) \| /gm), ([, names = '']) => names.match(/\w+/g) ?? []).flat();
    expect(listed.length).toBeGreaterThan(30);
    expect(listed.sort()).toEqual(exportedNames('../src/index.ts').sort());
  });

  it('shares no name with the internal entry', () => {
    const names = new Set(exportedNames('../src/index.ts'));
    expect(Object.keys(internal).filter((name) => names.has(name))).toEqual([]);
  });
});
