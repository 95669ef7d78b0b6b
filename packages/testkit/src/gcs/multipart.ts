/** The two parts of a multipart upload. */
export interface Upload {
  readonly metadata: Readonly<Record<string, string | undefined>>;
  readonly bytes: Uint8Array;
}

/**
 * Takes a `multipart/related` body apart (RFC 2387: a JSON part, then the bytes); `undefined` if it is none, or is cut.
 */
export function parseMultipart(contentType: string | undefined, body: Buffer): Upload | undefined {
  const boundary = /^multipart\/related;.*boundary="?([^";]+)"?/.exec(contentType ?? '')?.[1];
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`--${boundary}`);
  const second = body.indexOf(delimiter, delimiter.byteLength);
  const last = body.lastIndexOf(`\r\n--${boundary}--`);
  if (second < 0 || last < second) return undefined;
  const metadata = contentOf(body.subarray(0, second));
  const bytes = contentOf(body.subarray(second, last));
  if (metadata === undefined || bytes === undefined) return undefined;
  return { metadata: JSON.parse(metadata.toString()), bytes };
}

/** What follows the part's headers. */
function contentOf(part: Buffer): Buffer | undefined {
  const headersEnd = part.indexOf('\r\n\r\n');
  return headersEnd < 0 ? undefined : part.subarray(headersEnd + 4);
}
