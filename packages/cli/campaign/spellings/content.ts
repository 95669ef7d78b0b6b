import { query } from '@ceres/testkit';
import { policies } from './schedule';

/** The value of every point, by its policy and number. */
export type Content = ReadonlyMap<string, number>;

/** Reads what a database holds. */
export async function contentOf(url: string, database: string): Promise<Content> {
  const content = new Map<string, number>();
  for (const policy of policies) {
    for (const { tags, values } of await pointsIn(url, database, policy)) {
      content.set(`policy ${policy}, point ${tags?.p}`, Number(values[0]?.[1]));
    }
  }
  return content;
}

/** Returns the points of a policy; none if the database lacks it. */
async function pointsIn(url: string, database: string, policy: string) {
  try {
    return await query(url, database, `SELECT v FROM ${policy}.m GROUP BY p`);
  } catch (error) {
    if (/not found/.test(String(error))) return [];
    throw error;
  }
}

/** Returns the points that differ, with both sides. Which of the two is wrong, it cannot know. */
export function differencesOf(live: Content, restored: Content, way: string): string[] {
  const differences: string[] = [];
  for (const point of new Set([...live.keys(), ...restored.keys()])) {
    const [here, there] = [live.get(point), restored.get(point)];
    if (here === there) continue;
    differences.push(`${point}: live ${here ?? 'nothing'}, ${way} ${there ?? 'nothing'}`);
  }
  return differences;
}
