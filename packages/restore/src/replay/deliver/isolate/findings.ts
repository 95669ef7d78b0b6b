import { readTypeConflict, type TypeConflict } from '@ceres/influx-http/internal';
import type { RejectCode } from '../../account/rejects';
import type { Decision } from '../poster';

/** What became of the records of a body that was not stored as a whole. The search fills it in. */
export class Findings {
  readonly #rejected = new Map<number, RejectCode>();
  readonly #expired = new Set<number>();
  readonly #typeConflicts: TypeConflict[] = [];

  /** Why each of the refused records was refused, by number. */
  get rejected(): ReadonlyMap<number, RejectCode> {
    return this.#rejected;
  }

  /** The records that the server found too old. */
  get expired(): ReadonlySet<number> {
    return this.#expired;
  }

  get typeConflicts(): readonly TypeConflict[] {
    return this.#typeConflicts;
  }

  has(number: number): boolean {
    return this.#rejected.has(number) || this.#expired.has(number);
  }

  reject(numbers: readonly number[], code: RejectCode): void {
    for (const n of numbers) this.#rejected.set(n, code);
  }

  expire(numbers: readonly number[]): void {
    for (const n of numbers) this.#expired.add(n);
  }

  conflict(conflict: TypeConflict): void {
    this.#typeConflicts.push(conflict);
  }

  /** Notes the conflict of types that an answer names, and returns it. */
  noteConflict(answer: Decision): TypeConflict | undefined {
    if (answer.kind !== 'partly' || answer.code !== 'TYPE_CONFLICT') return undefined;
    const conflict = readTypeConflict(answer.message);
    if (conflict !== undefined) this.conflict(conflict);
    return conflict;
  }
}
