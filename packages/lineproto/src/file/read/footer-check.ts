import type { FileHeader } from '../header/file-header';
import { percentDecode } from '../header/names';
import { parseHeaderLine, parsePairs } from '../header/parse-header';
import { LineDigest } from '../line-digest';

/** Chooses the comments of a body that must be looked at: `# CERES-…` and `# CONTEXT-…`. */
export function isContextOrFooter(comment: Buffer): boolean {
  return comment.subarray(0, 3).toString('latin1') === '# C';
}

/** Follows a body with its footer, or with several: files may have been concatenated. */
export class FooterCheck {
  #digest = new LineDigest();
  #isCertified = false;

  /** Whether a footer has certified everything so far. */
  get isAtEnd(): boolean {
    return this.#isCertified;
  }

  add(bytes: Uint8Array, lines: number): void {
    this.#digest.add(bytes, lines);
    this.#isCertified = false;
  }

  /** Judges a comment in the body; returns why the file can be trusted no further, if so. */
  judge(comment: string, header: FileHeader): string | undefined {
    const line = parseHeaderLine(comment);
    if (line === undefined) return undefined;
    if (line.name === 'CERES-END') return this.#judgeFooter(comment);
    const expected = expectedContext(header).get(line.name);
    if (expected === undefined || expected === contextValue(line.name, line.value)) return undefined;
    return `the body switches to ${line.name} ${JSON.stringify(line.value)}; split such a file, so that each part has one header`;
  }

  #judgeFooter(written: string): string | undefined {
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
