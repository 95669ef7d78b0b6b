import { StorageError } from '@ceres/storage';
import { expect, it } from 'vitest';
import { asStorageFault } from '../src/errors';

it('advises to run the same command again only after a fault that may pass, in the words of the caller', () => {
  const busy = new StorageError('UNAVAILABLE', 'It is busy.');
  const message = (error: StorageError, again?: string) => (asStorageFault(error, 'Reading', again) as Error).message;
  expect(message(busy)).toBe('Reading failed: It is busy. Run the same command again.');
  expect(message(busy, 'Resume it.')).toBe('Reading failed: It is busy. Resume it.');
  expect(message(new StorageError('UNAVAILABLE', 'No.', { retryable: false }), 'Resume it.')).toBe(
    'Reading failed: No.',
  );
});
