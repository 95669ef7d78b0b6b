const scratch = { words: new Uint32Array(2_048) };

/** Returns an array for one step of work, whose content means nothing. It is used again by the next call: nothing may keep it. */
export function scratchWords(length: number): Uint32Array {
  if (length > scratch.words.length) scratch.words = new Uint32Array(2 * length);
  return scratch.words;
}
