/** Returns a key in each folder that an instance has beside that of its files. */
export const own = (instance: string): readonly string[] =>
  ['heartbeat', 'quarantine', 'seed', 'schema', 'drills'].map((folder) => `~${folder}/${instance}/x`);

/** Returns what a script writes into files, each by its name. */
export function documentsIn(script: string): Record<string, unknown> {
  const files = script.matchAll(/^cat > (\S+) <<'END'\n(.*?)\nEND$/gms);
  return Object.fromEntries([...files].map(([, name, json = '']) => [name, JSON.parse(json)]));
}
