import type { Storage } from '@google-cloud/storage';

/** Google's machines answer within milliseconds; elsewhere packets to this address often vanish. */
const answerMsMax = 3000;

/** Returns the address of the metadata server by the rules of Google's own library. */
function metadataServerUrl(): string {
  const { GCE_METADATA_IP, GCE_METADATA_HOST } = process.env;
  const address = GCE_METADATA_IP || GCE_METADATA_HOST || '169.254.169.254';
  return /^https?:\/\//.test(address) ? address : `http://${address}`;
}

/** How the environment says that a metadata server is found: Google's library reads it too. `''` is by asking for it. */
export function detection(): string {
  return process.env.METADATA_SERVER_DETECTION?.trim().toLowerCase() ?? '';
}

/**
 * Makes a client look for the metadata server each time that it needs one.
 *
 * Google's library asks once, and then remembers for as long as the process lives that there was no answer: in the client,
 * and for all clients together. On a machine whose metadata server starts a moment later than the process (a new node of
 * Kubernetes), no client would ever have credentials.
 */
export function detectAgainEachTime({ authClient }: Storage): void {
  const detect = authClient._checkIsGCE.bind(authClient);
  authClient._checkIsGCE = async () => (await detect()) || (await answersNow());
}

async function answersNow(): Promise<boolean> {
  if (!['', 'ping-only'].includes(detection())) return false; // the environment has decided
  try {
    const answer = await fetch(new URL('/computeMetadata/v1/instance', metadataServerUrl()), {
      headers: { 'Metadata-Flavor': 'Google' },
      signal: AbortSignal.timeout(answerMsMax),
    });
    await answer.body?.cancel();
    return answer.ok && answer.headers.get('metadata-flavor') === 'Google';
  } catch {
    return false; // the caller reports that there are no credentials, and what can be done about it
  }
}
