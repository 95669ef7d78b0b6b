const uuidV7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Returns when the file with this id was opened, in ms since the epoch; `undefined` if the id is no UUIDv7, and does not tell. */
export function openedMsIn(id: string): number | undefined {
  const [, high, low] = uuidV7.exec(id) ?? [];
  return high === undefined ? undefined : Number.parseInt(`${high}${low}`, 16);
}
