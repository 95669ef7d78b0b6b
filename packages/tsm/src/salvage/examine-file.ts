import { ColumnBuffer } from '../column';
import { TsmError } from '../errors';
import { keyText } from '../files/key';
import { TsmReader } from '../files/tsm-reader';
import type { KnownNames } from '../names/known-names';
import type { ShardLosses } from './losses';
import { rescueFile } from './rescue/rescue-file';
import { isDamage, type SalvagedFile } from './salvaged-file';

/**
 * Reads a TSM file as a whole, and returns a reader of what is certain in it. What is lost and what is doubtful is reported. Every block that the
 * reader leads to was decoded, so that it can be read again.
 *
 * @throws TsmError `UNREADABLE`; the reason of the signal
 */
export async function examineFile(file: SalvagedFile, names: KnownNames, losses: ShardLosses): Promise<TsmReader> {
  try {
    const reader = await TsmReader.open(file.source, file.tombstones);
    await examine(reader, names, losses);
    return reader;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return rescueFile(file, names, losses, error);
  }
}

/** @throws TsmError `DAMAGED` at the first thing that is wrong */
async function examine(reader: TsmReader, names: KnownNames, losses: ShardLosses): Promise<void> {
  const column = new ColumnBuffer();
  const cursor = reader.cursor();
  while (await cursor.next()) {
    losses.checkSignal();
    const { key, type, blocks } = cursor;
    const doubt = names.doubt(key, type);
    if (doubt !== undefined) throw new TsmError('DAMAGED', `${keyText(key)}: ${doubt}`);
    for (let i = 0; i < blocks.length; i += 1) {
      await reader.readBlock(key, type, blocks, i, column);
    }
  }
}
