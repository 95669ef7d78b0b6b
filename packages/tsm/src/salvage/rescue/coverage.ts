/** Bytes of a file, from `from` up to, and without, `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Which bytes of a file are spoken for, and by which of several owners. */
export class Coverage {
  readonly #claims: { from: number; to: number; owner: number }[] = [];

  add(from: number, to: number, owner: number): void {
    const last = this.#claims.at(-1);
    // Blocks of a key mostly lie one behind another.
    if (last?.to === from && last.owner === owner) last.to = to;
    else this.#claims.push({ from, to, owner });
  }

  /** Returns the owners that claim bytes which another one claims, too. */
  rivals(): ReadonlySet<number> {
    const found = new Set<number>();
    let before = { to: 0, owner: -1 };
    for (const claim of this.#sorted()) {
      if (claim.from < before.to && claim.owner !== before.owner) found.add(claim.owner).add(before.owner);
      if (claim.to > before.to) before = claim;
    }
    return found;
  }

  /** Returns the bytes between `from` and `to` that no one claims. */
  gaps(from: number, to: number): readonly ByteRange[] {
    const found: ByteRange[] = [];
    let at = from;
    for (const claim of this.#sorted()) {
      if (claim.from > at && at < to) found.push({ from: at, to: Math.min(claim.from, to) });
      at = Math.max(at, claim.to);
    }
    if (at < to) found.push({ from: at, to });
    return found;
  }

  #sorted(): readonly { readonly from: number; readonly to: number; readonly owner: number }[] {
    return this.#claims.sort((a, b) => a.from - b.from);
  }
}
