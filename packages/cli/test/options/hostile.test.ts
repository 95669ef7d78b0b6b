import { parseDurationMs } from '@ceres/internal';
import { type Growing, superlinear } from '@ceres/testkit';
import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { collectPolicy } from '../../src/options/policies';
import {
  collectMapping,
  parseDuration,
  parseFileTime,
  parsePointTime,
  parseWholeNumber,
} from '../../src/options/values';

const units = ['1', '1s', '1ms', '=', 'a=', '-', ':', '2026-', ' ', 'é'];
const readers = {
  collectMapping,
  collectPolicy,
  parseDuration,
  parseDurationMs,
  parseFileTime,
  parsePointTime,
  parseWholeNumber,
};

describe('The time for an argument of the command line', { timeout: 120_000 }, () => {
  it.each(Object.entries(readers))('grows with its size and no faster: %s', async (_, read) => {
    const work = units.map((unit): Growing => {
      return {
        name: unit,
        prepare: (size) => {
          const text = unit.repeat(size / unit.length);
          return () => refusable(() => read(text));
        },
      };
    });
    expect(await superlinear(work)).toEqual([]);
  });
});

function refusable(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
  }
}
