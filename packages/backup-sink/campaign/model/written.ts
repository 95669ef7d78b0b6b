/** One write, and what became of it. */
export interface Written {
  readonly id: number;
  readonly partition: number;
  readonly lines: number;
  acked: boolean;
}
