/** Passes chunks on, and counts their bytes. */
export async function* counted(
  gz: AsyncIterable<Uint8Array>,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of gz) {
    onBytes?.(chunk.byteLength);
    yield chunk;
  }
}
