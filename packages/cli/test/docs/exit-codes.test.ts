import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exitCodeMeanings, exitCodes } from '../../src/exit-codes';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
const meanings = new Map(names.map((name) => [String(exitCodes[name]), exitCodeMeanings[name]]));

/** The pages that explain exit codes in a table. */
const pages = ['README.md', 'docs', 'packages/cli/README.md', 'examples/kubernetes/README.md']
  .flatMap((path) => (path.endsWith('.md') ? [path] : readdirSync(join(root, path)).map((name) => `${path}/${name}`)))
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, rows: exitCodeRows(readFileSync(join(root, path), 'utf8')) }))
  .filter(({ rows }) => rows.length > 0);

/** Returns code and meaning of each row below a heading `| exit code | meaning |`. */
function exitCodeRows(page: string): string[][] {
  const [, table = ''] = /^\| exit code +\| meaning .*\n\| -.*\n((?:\|.*\n)+)/m.exec(page) ?? [];
  const rows = table.split('\n').filter(Boolean);
  return rows
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, code = '', meaning = '']) => [code, meaning]);
}

describe('the exit codes', () => {
  it('are explained in the README of the command line, all of them', () => {
    const { rows } = pages.find(({ path }) => path === 'packages/cli/README.md') ?? {};
    expect(rows).toEqual([...meanings]);
  });

  it('are explained in the runbook', () => {
    expect(pages.map(({ path }) => path)).toContain('docs/disaster-recovery.md');
  });

  it('are explained in the restore Job for Kubernetes, in the same words', () => {
    const job = readFileSync(join(root, 'examples/kubernetes/manifests/restore.yaml'), 'utf8');
    const [, comment = ''] = /^ +# (\d+: .*)$/m.exec(job) ?? [];
    const explained = [...comment.matchAll(/(\d+): (.*?)\./g)];
    expect(explained.map(([, code]) => code)).toEqual(['2', '3']);
    for (const [, code = '', meaning = ''] of explained)
      expect(`${meanings.get(code)}:`).toMatch(new RegExp(`^${meaning}[:;]`));
  });

  it.each(pages)('have the one wording in $path', ({ rows }) => {
    for (const [code = '', meaning] of rows) expect(meaning).toBe(meanings.get(code));
  });
});
