import { expect, it } from 'vitest';
import { resolveRestore } from '../../src/options/restore';

const options = { to: { url: 'http://127.0.0.1:8086' }, journalFile: 'j', rejectsDir: 'r' };

it('refuses a patience too short for a healthy server', () => {
  for (const patienceMs of [0, 1, 999]) {
    const resolving = () => resolveRestore({ ...options, patienceMs });
    expect(resolving).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  }
  expect(resolveRestore({ ...options, patienceMs: 1_000 }).patienceMs).toBe(1_000);
});

it('takes a name only for the default policy', () => {
  const named = { name: 'two_weeks', duration: '2w' };
  expect(resolveRestore({ ...options, policies: { '': named, 'db/': named } }).policies).toHaveProperty('db/', named);
  for (const policies of [{ rp: named }, { 'db/rp': named }, { '': { ...named, name: '' } }]) {
    const resolving = () => resolveRestore({ ...options, policies });
    expect(resolving).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining('.name`') }),
    );
  }
});
