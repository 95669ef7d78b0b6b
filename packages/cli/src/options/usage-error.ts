/** A command line that cannot be meant, told without repeating it: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
