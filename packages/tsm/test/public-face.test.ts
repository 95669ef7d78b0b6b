import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Exports that say nothing of how InfluxDB stores points: memory, files, options, errors, and line protocol. */
const WITHOUT_FORMAT = new Set(
  [
    'ByteWriter Column ColumnBuffer ColumnValue valueAt compareWords HIGH LOW BatchField PointBatch PointLines ReadRange',
    'ByteSource bytesSource fileSource ByteSink TsmFileSink WriterMemory TsmError TsmErrorCode',
    'ShardContainer StoredShard PortableWriterOptions DataDirectoryOptions SnapshotContainerOptions SnapshotOptions ShardRequest',
    'isLoopback openSnapshotService DoubtfulPoints SalvageLoss SalvageOptions UncheckedNames',
  ].flatMap((names) => names.split(' ')),
);

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

it('names in the documentation of each export that stores or reads a format where that is described', () => {
  const headings = new Set(read('../../../docs/storage-engine.md').match(/^##+ .*$/gm));
  const exported = read('../src/index.ts').matchAll(/export (?:type )?\{([^}]*)\} from '(.*?)'/g);
  const wrong: string[] = [];
  for (const [, list = '', file = ''] of exported) {
    const source = read(`../src/${file}.ts`);
    for (const name of list.split(',').map((one) => one.replace('type ', '').trim())) {
      if (name === '') continue;
      const declaration = new RegExp(`((?:^ ?/?\\*.*\\n)+)^export (?:async )?\\w+\\*? ${name}\\b`, 'm').exec(source);
      const text = (declaration?.[1] ?? '').replaceAll(/\s*\n \* ?/g, ' ');
      const heading = /Format: docs\/storage-engine\.md, "([^"]+)"/.exec(text)?.[1];
      const isGood = WITHOUT_FORMAT.has(name)
        ? text !== '' && heading === undefined
        : headings.has(`## ${heading}`) || headings.has(`### ${heading}`);
      if (!isGood) wrong.push(name);
    }
  }
  expect(wrong).toEqual([]);
});
