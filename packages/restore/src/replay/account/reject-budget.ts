import { RestoreError } from '../../errors';

/** Counts rejected records, those of earlier runs included, up to the number that stops a restore. */
export class RejectBudget {
  readonly #max: number;
  #spent: number;

  constructor(max: number, spent: number) {
    this.#max = max;
    this.#spent = spent;
  }

  /**
   * @param path where the record is kept
   * @throws RestoreError `TOO_MANY_REJECTS`
   */
  spend(path: string): void {
    this.#spent += 1;
    if (this.#spent <= this.#max) return;
    const message = `The target refused more than ${this.#max} records; the latest, with the reason, is in ${path}.`;
    const todo = 'Mend the cause, or raise rejectsMax (--max-rejects), and run the same command again to go on.';
    throw new RestoreError('TOO_MANY_REJECTS', `${message} ${todo}`);
  }
}
