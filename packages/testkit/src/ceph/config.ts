import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

/** The folders and ports of the parts of a cluster. */
export interface CephPlaces {
  readonly monDir: string;
  readonly osdDir: string;
  readonly gatewayDir: string;
  readonly monPort: number;
  readonly gatewayPort: number;
  readonly pluginsDir: string | undefined;
}

/** Returns the settings of the smallest cluster that has an S3 gateway: one monitor, one disk in memory, nothing stored twice. */
export function cephConfig(places: CephPlaces, fsid: string = randomUUID()): string {
  const { monDir, osdDir, gatewayDir, monPort, gatewayPort, pluginsDir } = places;
  const settings = {
    fsid,
    'mon host': monAddress(monPort),
    'public addr': '127.0.0.1',
    'ms mon client mode': 'crc', // otherwise radosgw hangs for five minutes
    'auth cluster required': 'none',
    'auth service required': 'none',
    'auth client required': 'none',
    'admin socket': '',
    'log file': join(gatewayDir, '$name.log'),
    'mon data': join(monDir, 'data'),
    'osd data': join(osdDir, 'data'),
    'mon allow pool size one': 'true',
    'osd pool default size': '1',
    'osd pool default pg num': '1',
    'osd pool default pg autoscale mode': 'off',
    'mon max pg per osd': '1000',
    'osd crush chooseleaf type': '0',
    'osd objectstore': 'memstore',
    'memstore device bytes': '2147483648',
    'rgw frontends': `beast endpoint=127.0.0.1:${gatewayPort}`,
    ...(pluginsDir !== undefined && {
      'osd class dir': join(pluginsDir, 'rados-classes'),
      'erasure code dir': join(pluginsDir, 'ceph/erasure-code'),
      'plugin dir': join(pluginsDir, 'ceph'),
    }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `[global]\n${lines.join('\n')}\n`;
}

export function monAddress(port: number): string {
  return `[v2:127.0.0.1:${port}]`;
}
