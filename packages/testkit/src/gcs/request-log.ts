import type { GcsMethod } from './call';

/** What the server was asked, and what came of it. */
export interface LoggedRequest {
  readonly method: GcsMethod;
  /** As sent: `POST /upload/storage/v1/b/…`. */
  readonly line: string;
  readonly bucket: string;
  readonly object: string;
  readonly query: Readonly<Record<string, string>>;
  /** Of the uploaded object, once it has arrived. */
  metadata?: Readonly<Record<string, string | undefined>>;
  /** `undefined` while unanswered, and for good if the connection was cut before. */
  status: number | undefined;
}
