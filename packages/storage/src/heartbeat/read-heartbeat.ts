import { createHash } from 'node:crypto';
import { utcDay } from '@ceres/internal';
import type { ObjectInfo, ObjectReader } from '../contract';
import type { StorageError } from '../errors';
import type { RetryOptions } from '../retry/retry';
import { type HeartbeatFile, type HeartbeatStatement, heartbeatLimits } from './contents';
import { faultOf, type HeartbeatCode } from './faults';
import { heartbeatFormat } from './format-lines';
import { heartbeatMs, parseHeartbeatKey } from './heartbeat-key';
import { parseEnd, parseFile, parseJsonLine, parseStatement } from './parse-lines';
import { readListed } from './read-listed';
import { unpackedLines } from './unpack-lines';

/** A sink's clock may be wrong, but by no more than this. */
const aheadMsMax = 86_400_000;

/** A heartbeat that is whole, and says of itself what its key says. */
export interface Heartbeat extends ObjectInfo {
  readonly statement: HeartbeatStatement;
  /** The number of stored files that it names. */
  readonly storedCount: number;
  /** Yields the files, the stored ones first. May be called again. */
  files(): AsyncGenerator<HeartbeatFile>;
}

/**
 * Reads one heartbeat, and proves it before it returns: nothing of one that is cut, altered, foreign or too large is ever seen. The packed
 * bytes stay in memory, usually some 50 for each file; the lines do not.
 *
 * @param info the object, as a listing has it
 * @throws StorageError one of the codes `HEARTBEAT_…`, or as `readObject`
 */
export async function readHeartbeat(
  reader: ObjectReader,
  info: ObjectInfo,
  options: RetryOptions = {},
): Promise<Heartbeat> {
  const { key } = info;
  const fault = faultOf(key);
  const parts = parseHeartbeatKey(key);
  if (parts === undefined) throw fault('HEARTBEAT_FOREIGN', 'its name is not that of a heartbeat');
  if (heartbeatMs(parts.id) > info.createdMs + aheadMsMax) {
    const created = new Date(info.createdMs).toISOString();
    throw fault('HEARTBEAT_FUTURE', `it was created ${created}, more than a day before the time in its name`);
  }
  const packed = await readListed(reader, info, heartbeatLimits.sizeBytesMax, options, (kind, why) =>
    fault(`HEARTBEAT_${kind}`, why),
  );
  const { statement, storedCount } = await prove(packed, fault);
  const isOfKey = statement.instance === parts.instance && statement.sink === parts.sink;
  if (!isOfKey || statement.id !== parts.id || statement.day !== parts.day) {
    throw fault('HEARTBEAT_FOREIGN', 'it speaks of another instance, sink, day or id than its name');
  }
  return { ...info, statement, storedCount, files: () => filesIn(packed, statement.instance, fault) };
}

type Fault = (code: HeartbeatCode, why: string, cause?: unknown) => StorageError;

/** Reads all lines once, and believes none of them before the last. */
async function prove(
  packed: readonly Uint8Array[],
  fault: Fault,
): Promise<{ readonly statement: HeartbeatStatement; readonly storedCount: number }> {
  const hash = createHash('sha256');
  let statement: HeartbeatStatement | undefined;
  let stored = 0;
  let pending = 0;
  let isEnded = false;
  for await (const line of unpackedLines(packed, heartbeatLimits, (kind, ...why) =>
    fault(`HEARTBEAT_${kind}`, ...why),
  )) {
    if (isEnded) throw fault('HEARTBEAT_ALTERED', 'something follows its last line');
    const json = parseJsonLine(line);
    if (statement === undefined) {
      statement = readStatement(json, fault);
    } else if (json !== undefined && 'end' in json) {
      const end = parseEnd(json);
      const isRight = end?.stored === stored && end.pending === pending && end.sha256 === hash.digest('hex');
      if (!isRight) throw fault('HEARTBEAT_ALTERED', 'its last line does not confirm the lines before it');
      isEnded = true;
      continue;
    } else {
      const file = json && parseFile(json, statement.instance);
      if (file === undefined) throw fault('HEARTBEAT_ALTERED', `line ${2 + stored + pending} is not that of a file`);
      if (file.state === 'stored') stored += 1;
      else pending += 1;
    }
    if (stored > heartbeatLimits.filesMax || pending > heartbeatLimits.pendingMax) {
      throw fault('HEARTBEAT_TOO_LARGE', 'it names too many files');
    }
    hash.update(line).update('\n');
  }
  if (statement === undefined || !isEnded) throw fault('HEARTBEAT_CUT', 'its last line is missing');
  return { statement, storedCount: stored };
}

function readStatement(json: Readonly<Record<string, unknown>> | undefined, fault: Fault): HeartbeatStatement {
  if (json?.ceres !== 'heartbeat') throw fault('HEARTBEAT_FOREIGN', 'its first line is not that of a heartbeat');
  if (typeof json.format === 'number' && json.format > heartbeatFormat) {
    throw fault('HEARTBEAT_NEWER', `it has format ${json.format}, and this version knows format ${heartbeatFormat}`);
  }
  const statement = json.format === heartbeatFormat ? parseStatement(json) : undefined;
  if (statement === undefined) throw fault('HEARTBEAT_ALTERED', 'its first line lacks what every heartbeat states');
  const idDay = utcDay(heartbeatMs(statement.id));
  if (statement.isWholeDay ? statement.day >= idDay : statement.day !== idDay) {
    throw fault('HEARTBEAT_ALTERED', `it speaks of the day ${statement.day}, and is of ${idDay}`);
  }
  return statement;
}

async function* filesIn(packed: readonly Uint8Array[], instance: string, fault: Fault): AsyncGenerator<HeartbeatFile> {
  let isFirst = true;
  for await (const line of unpackedLines(packed, heartbeatLimits, (kind, ...why) =>
    fault(`HEARTBEAT_${kind}`, ...why),
  )) {
    const file = isFirst ? undefined : parseFile(parseJsonLine(line) ?? {}, instance);
    isFirst = false;
    if (file !== undefined) yield file; // prove() has seen that all but the first line and the last are files
  }
}
