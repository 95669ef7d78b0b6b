import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Ports of the loopback that nobody held a moment ago; somebody may take one before the server does. */
export async function freePorts(count: number): Promise<number[]> {
  // Held together until all are known, so that they differ.
  const holders = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    holders.map(async (holder) => {
      holder.listen(0, '127.0.0.1');
      await once(holder, 'listening');
      return (holder.address() as AddressInfo).port;
    }),
  );
  await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))));
  return ports;
}
