import { findAlteredValue } from './altered-value/campaign';

/** `--altered-value N`: N points are restored, one value of one of them is altered, and verify must name it and nothing else. */
export async function run(points: number, seed: number): Promise<boolean> {
  const { found, pointsPerSecond, rssMb, slice } = await findAlteredValue({
    ...{ points, seed },
    log: (line) => console.error(line),
  });
  const figures = `${pointsPerSecond} points/s, ${rssMb} MB, told to ${slice}`;
  console.log(`altered-value: points ${points}, ${found ? 'found' : 'NOT FOUND'}, ${figures} (seed ${seed})`);
  return found;
}
