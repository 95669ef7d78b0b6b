import { type FileFinding, findingsMax, isFault } from './finding';

/** Collects findings up to a limit. Notices have a limit of their own, so that they never displace a fault. */
export class Findings {
  readonly #faults: FileFinding[] = [];
  readonly #notices: FileFinding[] = [];

  add(finding: FileFinding): void {
    const list = isFault(finding) ? this.#faults : this.#notices;
    if (list.length < findingsMax) list.push(finding);
  }

  /** Returns the findings, those that speak against the backup first. */
  list(): FileFinding[] {
    return [...this.#faults, ...this.#notices];
  }
}
