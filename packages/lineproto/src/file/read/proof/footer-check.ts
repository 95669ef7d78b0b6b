import type { FileHeader } from '../../header/file-header';
import { percentDecode } from '../../header/names';
import { parseHeaderLine, parsePairs } from '../../header/parse-header';
import { isPolicySwitch } from '../../header/policy-switch';
import { LineDigest } from '../../line-digest';
import type { FileDamage } from './file-integrity';

/** Returns whether a comment in a body must be looked at: `# CERES-…` or `# CONTEXT-…`. */
export function isContextOrFooter(comment: Buffer): boolean {
  return comment.subarray(0, 3).toString('latin1') === '# C';
}

/** Checks a body against its footer, or against several: files may have been concatenated. */
export class FooterCheck {
  #digest = new LineDigest();
  #isCertified = false;
  #footers = 0;
  /** The policy that a mixed file has switched to; `undefined` before its first switch. */
  policy: string | undefined;

  /** Says whether a footer has certified everything so far. */
  get isAtEnd(): boolean {
    return this.#isCertified;
  }

  /** Says whether there was a footer at all. */
  get hasFooter(): boolean {
    return this.#footers > 0;
  }

  add(bytes: Uint8Array, lines: number): void {
    this.#digest.add(bytes, lines);
    this.#isCertified = false;
  }

  /** Checks a comment in the body; returns the damage if the file can be trusted no further. */
  checkComment(comment: string, header: FileHeader): FileDamage | undefined {
    const line = parseHeaderLine(comment);
    if (line === undefined) return undefined;
    if (line.name === 'CERES-END') return this.#checkFooter(comment);
    const value = contextValue(line.name, line.value);
    if (value !== undefined && header.mixed?.includes(value) && isPolicySwitch(comment)) {
      this.#digest.addSwitch(comment);
      this.#isCertified = false;
      this.policy = value;
      return undefined;
    }
    const expected = expectedContext(header).get(line.name);
    if (expected === undefined || expected === value) return undefined;
    const reason = `the body switches to ${line.name} ${JSON.stringify(line.value)}; split the file so that each part has one header`;
    return { fault: 'context-switch', reason };
  }

  #checkFooter(written: string): FileDamage | undefined {
    const computed = this.#digest.footer();
    this.#digest = new LineDigest();
    this.#footers += 1;
    this.#isCertified = written === computed;
    return this.#isCertified ? undefined : { fault: 'footer-wrong', reason: difference(written, computed) };
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

/** Returns the value of a line; `undefined` for a name that is not percent-encoded text. */
function contextValue(name: string, value: string): string | undefined {
  if (name !== 'CERES-DATABASE' && name !== 'CERES-RETENTION-POLICY') return value;
  try {
    return percentDecode(value);
  } catch {
    return undefined; // it equals no name
  }
}

function difference(written: string, computed: string): string {
  const [theirs, ours] = [fieldsOf(written), fieldsOf(computed)];
  const key = ['lines', 'bytes', 'sha256'].find((name) => theirs.get(name) !== ours.get(name)) ?? 'form';
  return `the footer certifies ${key}=${String(theirs.get(key))}, but the file holds ${key}=${String(ours.get(key))}`;
}

function fieldsOf(footer: string): ReadonlyMap<string, string> {
  return parsePairs(footer.slice('# CERES-END: '.length));
}
