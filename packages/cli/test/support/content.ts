/** Returns all points of a database as the server's own text (CSV, times in ns, exact integers), sorted: equal content is equal text. */
export async function readContent(url: string, database: string, retentionPolicy: string): Promise<string[]> {
  const address = new URL('/query', url);
  address.search = new URLSearchParams({
    db: database,
    epoch: 'ns',
    q: `SELECT * FROM "${retentionPolicy}"./.*/ GROUP BY *`,
  }).toString();
  const response = await fetch(address, { headers: { accept: 'application/csv' } });
  const text = await response.text();
  if (!response.ok || text.startsWith('error')) throw new Error(`${database}: ${text}`);
  return text.split('\n').sort();
}
