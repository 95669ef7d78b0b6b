import { encodeFile, type FileHeader, LineSummarizer, type PolicySchema } from '@ceres/lineproto';
import { formatKey, type ObjectWriter } from '@ceres/storage';

export interface CampaignFile {
  readonly instance: string;
  readonly database: string;
  /** Default: the database's own. */
  readonly retentionPolicy?: string;
  /** Its name and day follow from it. */
  readonly openedMs: number;
  readonly lines: string;
  readonly policy?: PolicySchema;
}

/** Puts one file as a sink of precision `s` would. */
export async function putFile(storage: ObjectWriter, file: CampaignFile): Promise<void> {
  const { instance, database, retentionPolicy = '', openedMs, policy } = file;
  const lines = Buffer.from(file.lines);
  const summary = new LineSummarizer();
  summary.add(lines);
  const found = summary.finish().summary;
  const header: FileHeader = {
    ...{ database, retentionPolicy, instance, formatVersion: 1, precision: 's' },
    ...(found && { summary: found }),
    ...(policy && { policy }),
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of encodeFile(header, once(lines))) chunks.push(chunk);
  const gz = Buffer.concat(chunks);
  const time = openedMs.toString(16).padStart(12, '0');
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
  const day = new Date(openedMs).toISOString().slice(0, 10).replaceAll('-', '');
  const key = formatKey({ instance, database, retentionPolicy, day, id });
  await storage.put(key, { sizeBytes: gz.byteLength, open: () => once(gz) });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
