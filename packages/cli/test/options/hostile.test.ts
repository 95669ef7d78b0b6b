import { parseDurationMs } from '@ceres/internal';
import { growingTexts, superlinear } from '@ceres/testkit';
import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { collectPolicy } from '../../src/options/policies';
import {
  collectMapping,
  collectPolicyMapping,
  parseDuration,
  parseFileTime,
  parsePointTime,
  parseWholeNumber,
} from '../../src/options/values';

const units = ['1', '1s', '1ms', '=', 'a=', '-', ':', '2026-', ' ', 'é'];
const readers = {
  collectMapping,
  collectPolicy,
  collectPolicyMapping,
  parseDuration,
  parseDurationMs,
  parseFileTime,
  parsePointTime,
  parseWholeNumber,
};

describe('The time for an argument of the command line', { timeout: 120_000 }, () => {
  it.each(Object.entries(readers))('grows with its size and no faster: %s', async (_, read) => {
    expect(await superlinear(growingTexts(units, (text) => refusable(() => read(text))))).toEqual([]);
  });
});

function refusable(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
  }
}
