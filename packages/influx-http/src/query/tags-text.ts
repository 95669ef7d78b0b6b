/** Tags as line protocol writes them in a series key: by name, escaped, those without a value left out. */
export function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${escapeTag(key)}=${escapeTag(value)}`)
    .join(',');
}

function escapeTag(text: string): string {
  return text.replace(/[,= ]/g, '\\$&');
}
