/** Says where the names of a seed stand in the order of replay. */
export interface SeedPlace {
  /** The ms in all names of a later seed; absent for a first one, whose names count. */
  readonly namesMs?: number;
  /** The number of the first name. */
  readonly firstNumber: number;
}
