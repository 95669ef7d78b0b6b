import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Returns ports of the loopback interface that are free now. Another process may take one before the server does. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held until all are known, so that they differ.
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
