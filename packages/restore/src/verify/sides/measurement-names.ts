import { quoted } from '../../server/connection';
import { characters, shown } from '../digest/raw-text';

/**
 * Returns how a query names a measurement: as an identifier, or as a regular expression where InfluxQL has no identifier for
 * it. InfluxQL ends at a NUL, reads CR as LF, and reads every byte that is not UTF-8 as U+FFFD.
 */
export function sourceOf(name: string): string {
  const bytes = Buffer.from(name, 'latin1');
  const parts = characters(bytes);
  const hasIdentifier = parts.every((part) => typeof part === 'string' && part !== '\0' && part !== '\r');
  return hasIdentifier ? quoted(bytes.toString()) : patternOf(parts);
}

/**
 * Returns a regular expression that matches the whole name and, in Go, any byte that is not UTF-8 in place of another. It ends
 * at the end of a line, of which a name has one: InfluxDB makes text of an expression that is literal from `^` to `$`, and
 * finds no name that is not UTF-8 by text.
 */
function patternOf(parts: readonly (string | number)[]): string {
  const literals = parts.map((part) => {
    if (typeof part === 'number') return '\\x{fffd}';
    return /^[a-z0-9_]$/i.test(part) ? part : `\\x{${(part.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `/^${literals.join('')}(?m:$)/`;
}

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
      alike.set(pattern, [...(alike.get(pattern) ?? []), name]);
    }
  }
  for (const group of alike.values()) {
    for (const name of group) {
      if (group.length === 1 || !sourceOf(name).startsWith('/')) continue;
      const others = group.filter((other) => other !== name).map((other) => `'${shown(other)}'`);
      reasons.set(name, `no query tells it from ${others.join(', ')}: they differ only in bytes that are not UTF-8`);
    }
  }
  return reasons;
}
