/** A field that the server holds with another type. Types are in InfluxDB's words: float, integer, string, boolean. */
export interface TypeConflict {
  readonly measurement: string;
  readonly field: string;
  /** The type in the lines that were sent. */
  readonly given: string;
  /** The type in the shard. */
  readonly existing: string;
}

/** InfluxDB's message, which quotes both names unescaped (`tsdb/shard.go`). */
const pattern = /input field "(.*)" on measurement "(.*)" is type (\w+), already exists as type (\w+)/s;

/** Returns the conflict that the message of a `TYPE_CONFLICT` names; `undefined` if it names none. */
export function readTypeConflict(message: string): TypeConflict | undefined {
  const [, field, measurement, given, existing] = pattern.exec(message) ?? [];
  if (field === undefined || measurement === undefined || given === undefined || existing === undefined)
    return undefined;
  return { measurement, field, given, existing };
}
