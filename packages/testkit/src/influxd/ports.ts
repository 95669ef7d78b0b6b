import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Ports } from './config';

/** Two ports of the loopback that nobody held a moment ago; somebody may take one before influxd does. */
export async function freePorts(): Promise<Ports> {
  // Held together until both are known, so that they differ.
  const servers = [createServer(), createServer()] as const;
  const [http, rpc] = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { http: http as number, rpc: rpc as number };
}
