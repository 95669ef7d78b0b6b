import { findAlteredValue } from './altered-value/campaign';

/** `--altered-value N` restores N points and alters one value of one of them. verify must name this value and no other. */
export async function run(points: number, seed: number): Promise<boolean> {
  const log = (line: string) => console.error(line);
  const { found, pointsPerSecond, rssMb, slice } = await findAlteredValue({ points, seed, log });
  const figures = `${pointsPerSecond} points/s, ${rssMb} MB, located within ${slice}`;
  console.log(`altered-value: points ${points}, ${found ? 'found' : 'NOT FOUND'}, ${figures} (seed ${seed})`);
  return found;
}
