import { keepCompiled } from '../../../scan/keep-compiled';
import type { RecordObserver } from '../../../scan/line-splitter';
import type { FileHeader } from '../../header/file-header';
import { isPolicySwitch } from '../../header/policy-switch';
import type { GzipEnd } from '../gunzip/gunzip';
import type { FileOpening } from '../open-file';
import type { FileDamage, FilePlace } from './file-integrity';
import { FooterCheck } from './footer-check';
import { headerDamage } from './header-damage';
import { SummaryCheck } from './summary-check';

/** What the checks of a body need to know once it is read. */
export interface BodyEnd {
  readonly gzip: GzipEnd;
  /** Says whether a record has begun that has not ended. */
  readonly hasUnfinished: boolean;
}

/** Checks the body of a file while it is read, and says in the end what is wrong with the file. */
export interface BodyChecks {
  /** The policy that a mixed file has switched to; `undefined` before its first switch. */
  readonly policy: string | undefined;
  /** Sees every record before `add` does. Absent if single records do not matter. */
  readonly observer?: RecordObserver;
  /** Called with the header before all else. */
  begin(header: FileHeader): void;
  add(bytes: Uint8Array, lines: number): void;
  /** Takes a comment in the body; returns the damage if the file can be read no further. */
  checkComment(comment: string, header: FileHeader): FileDamage | undefined;
  /** Returns what is wrong with the file, and `'unsealed'` if nothing is and no footer certifies it either. */
  end(opening: FileOpening & { readonly header: FileHeader }, end: BodyEnd): FileDamage | 'sealed' | 'unsealed';
}

/** Checks everything that can be checked of a file. */
export class AllChecks implements BodyChecks, RecordObserver {
  readonly #footer = new FooterCheck();
  /** Set if the header has a summary to compare the lines with. */
  #summary: SummaryCheck | undefined;
  readonly #place: FilePlace | undefined;

  constructor(place: FilePlace | undefined) {
    this.#place = place;
  }

  get policy(): string | undefined {
    return this.#footer.policy;
  }

  get observer(): RecordObserver {
    return this;
  }

  onRecord(bytes: Buffer, _start: number, end: number): void {
    this.#summary?.addTime(bytes, end);
  }

  begin({ summary }: FileHeader): void {
    if (summary !== undefined) this.#summary = new SummaryCheck();
  }

  add(bytes: Uint8Array, lines: number): void {
    this.#footer.add(bytes, lines);
    this.#summary?.add(bytes, lines);
  }

  checkComment(comment: string, header: FileHeader): FileDamage | undefined {
    return this.#footer.checkComment(comment, header);
  }

  /** Reports the cause before what may follow from it: damaged data may make a wrong header. */
  end({ header, crc }: FileOpening & { readonly header: FileHeader }, { gzip, hasUnfinished }: BodyEnd) {
    const damage =
      gzipDamage(gzip) ?? headerDamage(header, crc, this.#place) ?? this.#footerDamage(header, hasUnfinished);
    if (damage !== undefined) return damage;
    const isSealed = this.#footer.isAtEnd;
    if (!isSealed && gzip.status === 'complete' && gzip.hasGarbage) return damagedMember;
    const difference = header.summary && this.#summary?.difference(header.summary);
    return difference ?? (isSealed ? 'sealed' : 'unsealed');
  }

  #footerDamage({ formatVersion }: FileHeader, hasUnfinished: boolean): FileDamage | undefined {
    if (this.#footer.hasFooter) {
      if (this.#footer.isAtEnd && !hasUnfinished) return undefined;
      return { fault: 'behind-footer', reason: 'there is more behind the footer, which nothing certifies' };
    }
    if (formatVersion === undefined) return undefined;
    return { fault: 'footer-missing', reason: 'it has no footer, which every file of this system has' };
  }
}

keepCompiled(new AllChecks(undefined));

/** Follows the switches of a file that was proven before, and checks nothing else. */
export class NoChecks implements BodyChecks {
  policy: string | undefined;

  begin(): void {}

  add(): void {}

  checkComment(comment: string, header: FileHeader): undefined {
    if (header.mixed === undefined || !isPolicySwitch(comment)) return undefined;
    const named = new FooterCheck();
    named.checkComment(comment, header);
    this.policy = named.policy;
  }

  end(): 'sealed' {
    return 'sealed';
  }
}

/** The damage of a file without a footer whose last member may be one that nothing can find any more. */
const damagedMember: FileDamage = {
  fault: 'gzip-damaged',
  reason: 'bytes that are not gzip follow its gzip data, and no footer says that the file ends before them',
};

function gzipDamage(end: GzipEnd): FileDamage | undefined {
  if (end.status === 'truncated')
    return { fault: 'cut-off', reason: 'it is cut off: it ends before its gzip data does' };
  return end.status === 'corrupt' ? { fault: 'gzip-damaged', reason: end.reason } : undefined;
}
