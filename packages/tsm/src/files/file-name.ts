/** What the name of a TSM file says. Where two files of a shard hold one point, the later file wins. Format: docs/storage-engine.md, "Where what is". */
export interface TsmFileName {
  readonly generation: number;
  readonly sequence: number;
}

const pattern = /^(\d{1,15})-(\d{1,15})\.tsm$/;

/** Returns the name of a TSM file: `000000001-000000001.tsm`. Format: docs/storage-engine.md, "Where what is". */
export function tsmFileName({ generation, sequence }: TsmFileName): string {
  return `${pad(generation)}-${pad(sequence)}.tsm`;
}

/**
 * Reads the name of a TSM file, without its folder. Returns `undefined` for any other name, also those of files not finished (`.tmp`).
 * Format: docs/storage-engine.md, "Where what is".
 */
export function parseTsmFileName(name: string): TsmFileName | undefined {
  const [, generation, sequence] = pattern.exec(name) ?? [];
  return generation === undefined ? undefined : { generation: Number(generation), sequence: Number(sequence) };
}

/** Compares names by generation, then by sequence, as numbers: the order in which influxd merges files. Format: docs/storage-engine.md, "Where what is". */
export function compareTsmFileNames(a: TsmFileName, b: TsmFileName): number {
  return a.generation - b.generation || a.sequence - b.sequence;
}

function pad(number: number): string {
  return String(number).padStart(9, '0');
}
