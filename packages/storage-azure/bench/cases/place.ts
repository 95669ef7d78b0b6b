import type { ServerThread } from '@ceres/testkit';

/** Returns the options for the container of a server, whose address ends in the account. */
export function placeOf({ url }: ServerThread) {
  const account = url.slice(url.lastIndexOf('/') + 1);
  const sas = new URLSearchParams({ sp: 'crwl', se: '2999-01-01T00:00:00Z', sig: 'fake' }).toString();
  return { account, container: 'test-container', endpoint: url, sas };
}
