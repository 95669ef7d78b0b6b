import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MemoryStorage } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { expectAnswers } from '../../tsm/test/containers/shard-content';
import { readAnswers } from '../../tsm/test/fixtures/answers';
import { temporaryFolders, unpack } from '../../tsm/test/fixtures/unpack';
import { seed } from '../src/index';
import { contentOfLines } from './support/line-content';

const folder = temporaryFolders();

/** Seeds from a folder, and returns what the files of each policy hold. */
async function seeded(source: string, workDir: string) {
  const storage = new MemoryStorage();
  const report = await seed({ storage, instance: 'i', source, workDir });
  const texts = new Map<string, string[]>();
  for await (const { key } of storage.list('i/')) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of storage.get(key)) chunks.push(chunk);
    const policy = key.split('/')[2] ?? '';
    texts.set(policy, [...(texts.get(policy) ?? []), gunzipSync(Buffer.concat(chunks)).toString()]);
  }
  return { report, contentOf: (policy: string) => contentOfLines(texts.get(policy) ?? []) };
}

/** Backups and data directories of real servers, with what each of them answered to queries. */
const sources = [
  ['backup-1.6.7-inmem.tar', ''],
  ['backup-1.8.10-tsi1.tar', ''],
  ['backup-1.11.8-inmem.tar', ''],
  ['backup-1.12.4-tsi1.tar', ''],
  ['data-1.6.7-inmem.tar.gz', 'data'],
  ['data-1.12.4-tsi1.tar.gz', 'data'],
] as const;

describe.each(sources)('a seed from %s', (name, below) => {
  it('holds what that server answered to queries, by type', async () => {
    const source = join(await unpack(name, await folder()), below);
    const { report, contentOf } = await seeded(source, join(await folder(), 'work'));
    const damage = report.losses.filter((loss) => !loss.startsWith('/')); // an archive without its metadata says so
    expect({ damage, isProven: report.isProven, shards: report.shards }).toEqual({
      damage: [],
      isProven: true,
      shards: 33,
    });
    const keep = contentOf('keep');
    for (const one of ['counters', 'cpu', 'edge', 'flags', 'odd_name', 'text']) {
      expectAnswers(keep, one.replace('odd_name', 'odd\\ name'), await readAnswers(`keep.${one}.json.gz`));
    }
    const index = name.includes('inmem') ? 'inmem' : 'tsi1';
    expectAnswers(contentOf('hours'), 'cpu', await readAnswers(`hours.cpu.${index}.json.gz`));
    const types = [...(keep.get('two_types v')?.values() ?? [])].map(([type]) => type);
    expect(types).toHaveLength(13);
    expect([...new Set(types)].sort()).toEqual(['boolean', 'float', 'integer', 'string']);
  });
});
