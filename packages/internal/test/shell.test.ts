import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../src/shell';

describe('shellWord', () => {
  it('writes a word so that bash reads it back, and a terminal shows all of it', () => {
    for (const word of ['a/b=NAME', 'a b', "it's", 'a\\b', 'a\nb', "\u001b[31m'\\", '\u202e', 'é ☃', '$(date)', '']) {
      const written = shellWord(word);
      expect(written).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(
        execFileSync('bash', ['--norc', '-c', `printf %s ${written}`], { env: { LC_ALL: 'C.UTF-8' } }).toString(),
      ).toBe(word);
    }
  });
});
