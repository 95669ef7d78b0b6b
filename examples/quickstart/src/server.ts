import { findInfluxBinaries, startInfluxd } from '@ceres/testkit';
import { printDone } from './output';
import { startStandIn } from './stand-in/stand-in';

export interface Server {
  readonly name: string;
  readonly url: string;
  /** The snapshot service, which a first full copy is read from; `undefined` if it has none. */
  readonly snapshotUrl: string | undefined;
  /** The program that a drill starts once more; `undefined` if there is none. */
  readonly influxd: string | undefined;
  /** Kills the server and deletes its data directory. */
  destroy(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a real influxd; if there is none on this machine, a small stand-in that says what it is. */
export async function startServer(): Promise<Server> {
  try {
    const influxd = await startInfluxd();
    return {
      name: `InfluxDB ${influxd.version}`,
      url: influxd.url,
      snapshotUrl: `tcp://127.0.0.1:${influxd.rpcPort}`,
      influxd: (await findInfluxBinaries()).influxd,
      stop: () => influxd.stop(),
      destroy: async () => {
        await influxd.destroyData();
        await influxd.stop();
      },
    };
  } catch (error) {
    printBanner(error instanceof Error ? error.message : String(error));
    return startStandIn();
  }
}

function printBanner(reason: string): void {
  const line = '!'.repeat(100);
  printDone(line);
  printDone('THIS IS NOT INFLUXDB. The demo continues with a small stand-in inside this process: it shows the flow');
  printDone('and proves nothing about a real server.');
  printDone(reason);
  printDone(line);
}
