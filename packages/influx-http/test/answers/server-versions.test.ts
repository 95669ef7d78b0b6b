import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classifyWrite, classifyWriteHead } from '../../src/answers/classify-write';
import { readTypeConflict, type TypeConflict } from '../../src/answers/type-conflict';
import type { WriteOutcome } from '../../src/index';

interface Answer {
  readonly name: string;
  readonly versions: readonly string[];
  readonly status: number;
  /** InfluxDB's message, which it sends as JSON and in a header. */
  readonly error: string;
  /** The body if it is not JSON. */
  readonly body?: string;
  readonly outcome: WriteOutcome;
  readonly conflict?: TypeConflict;
}

const table = readFileSync(new URL('./server-versions.json', import.meta.url), 'utf8');
const { answers } = JSON.parse(table) as { readonly answers: readonly Answer[] };

const cases = answers.flatMap((answer) => answer.versions.map((version) => ({ version, ...answer })));

describe.each([...new Set(cases.map(({ version }) => version))])('The answers of InfluxDB %s', (version) => {
  const ofVersion = cases.filter((one) => one.version === version);

  it.each(ofVersion)('are understood: $name', ({ status, error, body, outcome }) => {
    const text = body ?? (error === '' ? '' : `${JSON.stringify({ error })}\n`);
    expect(classifyWrite(status, text)).toMatchObject(outcome);
    if (status !== 503) expect(classifyWriteHead(status, error)).toMatchObject(outcome);
  });

  it.each(ofVersion.filter(({ conflict }) => conflict))('name the fields in conflict: $name', ({ error, conflict }) => {
    expect(readTypeConflict(error)).toEqual(conflict);
  });
});
