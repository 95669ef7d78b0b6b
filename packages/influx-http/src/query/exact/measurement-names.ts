import { quotedName } from '../../schema/quote';
import { characters, shown } from './raw-text';

/**
 * Returns how a query names a measurement: as an identifier, or as a regular expression where InfluxQL has no identifier for
 * it. InfluxQL ends at a NUL, reads CR as LF, and reads every byte that is not UTF-8 as U+FFFD.
 */
export function sourceOf(name: string): string {
  const bytes = Buffer.from(name, 'latin1');
  const parts = characters(bytes);
  const hasIdentifier = parts.every((part) => typeof part === 'string' && part !== '\0' && part !== '\r');
  return hasIdentifier ? quotedName(bytes.toString()) : patternOf(parts);
}

/**
 * Returns a regular expression that matches the whole name and, in Go, any byte that is not UTF-8 in place of another. It ends
 * at the end of a line, of which a name has one: InfluxDB makes text of an expression that is literal from `^` to `$`, and
 * finds no name that is not UTF-8 by text.
 */
function patternOf(parts: readonly (string | number)[]): string {
  return `/^${literalOf(parts)}(?m:$)/`;
}

/** Returns the part of a regular expression that matches a name, given as its characters, or as numbers where bytes are not UTF-8. */
export function literalOf(parts: readonly (string | number)[]): string {
  const literals = parts.map((part) => {
    if (typeof part === 'number') return '\\x{fffd}';
    return /^[a-z0-9_]$/i.test(part) ? part : `\\x{${(part.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return literals.join('');
}

/** How many names a reason shows of those that are shown alike. */
const othersMax = 3;

/** A backslash before one of these is the only escape in a measurement's name. */
const escapes = /\\([," =])/g;

/**
 * Finds the measurements that no query can read, or not without reading others, and says why.
 *
 * @param names raw names, of both sides
 */
export function unreadable(names: ReadonlySet<string>): Map<string, string> {
  const reasons = new Map<string, string>();
  const alike = new Map<string, string[]>();
  for (const name of names) {
    const inner = name.replace(escapes, '$1');
    if (inner !== name) {
      // InfluxDB removes escapes twice in some places and once in others.
      reasons.set(
        name,
        'InfluxDB stores a name with a backslash before a comma, quote, = or space, but no query finds it',
      );
      if (names.has(inner))
        reasons.set(inner, `no query tells it from '${shown(name)}', which InfluxDB shows under this name`);
    }
    const parts = characters(Buffer.from(name, 'latin1'));
    if (parts.some((part) => typeof part === 'number' || part === '\ufffd')) {
      const pattern = patternOf(parts);
      const group = alike.get(pattern);
      if (group === undefined) alike.set(pattern, [name]);
      else group.push(name);
    }
  }
  for (const group of alike.values()) {
    for (const name of group) {
      if (group.length === 1 || !sourceOf(name).startsWith('/')) continue;
      const others = group.slice(0, othersMax + 1).filter((other) => other !== name);
      const named = others.slice(0, othersMax).map((other) => `'${shown(other)}'`);
      const left = group.length - 1 - named.length;
      const all = [...named, ...(left > 0 ? [`${left} more`] : [])].join(', ');
      reasons.set(name, `no query tells it from ${all}: they differ only in bytes that are not UTF-8`);
    }
  }
  return reasons;
}
