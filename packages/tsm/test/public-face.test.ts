import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

it('exports what the README lists, and nothing else', () => {
  const table = /^## All exports\n(.*?)^## /ms.exec(read('../README.md'))?.[1] ?? '';
  const listed = Array.from(table.matchAll(/^\| (.*?) \| /gm), ([, names = '']) => names.match(/`\w+`/g) ?? []).flat();
  const exported = Array.from(read('../src/index.ts').matchAll(/export (?:type )?\{([^}]*)\}/g), ([, list = '']) =>
    list.split(',').map((name) => name.replace('type ', '').trim()),
  ).flat();
  const names = exported.filter((name) => name !== '');
  expect(listed.map((name) => name.replaceAll('`', '')).sort()).toEqual(names.sort());
});
