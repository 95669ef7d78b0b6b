import type { ServerResponse } from 'node:http';

/** Announces an answer, sends half of its body, and ends the connection in an orderly way. */
export function sendHalf(response: ServerResponse, body: Uint8Array): void {
  response.write(body.subarray(0, Math.floor(body.byteLength / 2)), () => response.socket?.end());
}
