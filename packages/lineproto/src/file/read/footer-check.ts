import type { FileHeader } from '../header/file-header';
import { percentDecode } from '../header/names';
import { parseHeaderLine, parsePairs } from '../header/parse-header';
import { isPolicySwitch } from '../header/policy-switch';
import { LineDigest } from '../line-digest';

/** Returns whether a comment in a body must be looked at: `# CERES-…` or `# CONTEXT-…`. */
export function isContextOrFooter(comment: Buffer): boolean {
  return comment.subarray(0, 3).toString('latin1') === '# C';
}

/** Checks a body against its footer, or against several: files may have been concatenated. */
export class FooterCheck {
  #digest = new LineDigest();
  #isCertified = false;
  /** The policy that a mixed file has switched to; `undefined` before its first switch. */
  policy: string | undefined;

  /** Says whether a footer has certified everything so far. */
  get isAtEnd(): boolean {
    return this.#isCertified;
  }

  add(bytes: Uint8Array, lines: number): void {
    this.#digest.add(bytes, lines);
    this.#isCertified = false;
  }

  /** Checks a comment in the body; returns the reason if the file can be trusted no further. */
  checkComment(comment: string, header: FileHeader): string | undefined {
    const line = parseHeaderLine(comment);
    if (line === undefined) return undefined;
    if (line.name === 'CERES-END') return this.#checkFooter(comment);
    const value = contextValue(line.name, line.value);
    if (header.mixed?.includes(value) && isPolicySwitch(comment)) {
      this.#digest.addSwitch(comment);
      this.#isCertified = false;
      this.policy = value;
      return undefined;
    }
    const expected = expectedContext(header).get(line.name);
    if (expected === undefined || expected === value) return undefined;
    return `the body switches to ${line.name} ${JSON.stringify(line.value)}; split the file so that each part has one header`;
  }

  #checkFooter(written: string): string | undefined {
    const computed = this.#digest.footer();
    this.#digest = new LineDigest();
    this.#isCertified = written === computed;
    return this.#isCertified ? undefined : difference(written, computed);
  }
}

function expectedContext({ database, retentionPolicy, precision }: FileHeader): ReadonlyMap<string, string> {
  return new Map([
    ['CONTEXT-DATABASE', database],
    ['CONTEXT-RETENTION-POLICY', retentionPolicy],
    ['CERES-DATABASE', database],
    ['CERES-RETENTION-POLICY', retentionPolicy],
    ['CERES-PRECISION', precision ?? 'none'],
  ]);
}

function contextValue(name: string, value: string): string {
  return name === 'CERES-DATABASE' || name === 'CERES-RETENTION-POLICY' ? percentDecode(value) : value;
}

function difference(written: string, computed: string): string {
  const [theirs, ours] = [fieldsOf(written), fieldsOf(computed)];
  const key = ['lines', 'bytes', 'sha256'].find((name) => theirs.get(name) !== ours.get(name)) ?? 'form';
  return `the footer certifies ${key}=${String(theirs.get(key))}, but the file holds ${key}=${String(ours.get(key))}`;
}

function fieldsOf(footer: string): ReadonlyMap<string, string> {
  return parsePairs(footer.slice('# CERES-END: '.length));
}
