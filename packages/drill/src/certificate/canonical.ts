import { createHash } from 'node:crypto';

/** Returns JSON with the members of each object in the order of their names, and without blanks: equal values have one text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Returns the digest of a value, as certificates have it. */
export function digestOf(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;
}

/**
 * Returns whether a JSON text says nothing beside what was parsed of it: a member that stands there twice is read differently by different programs. Blanks
 * do not count, so that a certificate may be formatted.
 */
export function saysOnly(text: string, parsed: unknown): boolean {
  return withoutBlanks(text) === JSON.stringify(parsed);
}

/** Removes the blanks between the words of a JSON text, and leaves its strings as they are. */
function withoutBlanks(json: string): string {
  const parts: string[] = [];
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    const end = quote < 0 ? json.length : endOfString(json, quote);
    parts.push(
      json.slice(at, quote < 0 ? end : quote).replace(/[ \t\r\n]+/g, ''),
      quote < 0 ? '' : json.slice(quote, end),
    );
    at = end;
  }
  return parts.join('');
}

/** Returns where the string ends that begins with this quote. */
function endOfString(json: string, quote: number): number {
  let at = quote + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}
