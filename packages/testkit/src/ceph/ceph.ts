import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { S3Keys } from '../s3/signature';
import { freePorts } from '../servers/ports';
import { type SupervisedServer, supervise } from '../servers/supervisor';
import { type CephBinaries, findCephBinaries } from './binaries';
import { cephConfig, monAddress } from './config';

const run = promisify(execFile);

/** A real Ceph that we started, with its S3 gateway: on free ports of the loopback interface, keeping nothing on the disk. */
export interface Ceph {
  /** The address for a client's `endpoint`. */
  readonly url: string;
  /** The keys of its only user, who may do everything. */
  readonly keys: S3Keys;
  stop(): Promise<void>;
}

const readyMsMax = 120_000;

/**
 * Starts a cluster of one node and resolves when its gateway answers, which takes about 11 s. `stop` ends it; so does the end of this
 * process, even by SIGKILL.
 *
 * @throws Error that says how to get Ceph if this machine has none
 */
export async function startCeph(): Promise<Ceph> {
  const binaries = await findCephBinaries();
  const dirs = await Promise.all(['mon', 'osd', 'rgw'].map((name) => mkdtemp(join(tmpdir(), `ceres-ceph-${name}-`))));
  const [monDir = '', osdDir = '', gatewayDir = ''] = dirs;
  const [monPort = 0, gatewayPort = 0] = await freePorts(2);
  const fsid = randomUUID();
  const settings = { monDir, osdDir, gatewayDir, monPort, gatewayPort, pluginsDir: binaries.pluginsDir };
  const config = join(gatewayDir, 'ceph.conf');
  await writeFile(config, cephConfig(settings, fsid));
  const cluster = new Cluster(binaries, config, dirs);
  try {
    await startMonitor(cluster, { monDir, monPort, fsid });
    await startDisk(cluster, osdDir);
    const keys = { accessKeyId: 'CERESTEST', secretAccessKey: 'a-secret-for-tests' };
    const user = ['--uid=tester', '--display-name=tester', `--access-key=${keys.accessKeyId}`];
    await cluster.call('radosgw-admin', ['user', 'create', ...user, `--secret-key=${keys.secretAccessKey}`]);
    const gateway = await cluster.start('radosgw', ['-n', 'client.rgw', '-f'], gatewayDir);
    const url = `http://127.0.0.1:${gatewayPort}`;
    await answers(url, gateway);
    return { url, keys, stop: () => cluster.stop() };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** The programs of one cluster, which share their settings. */
class Cluster {
  readonly #binaries: CephBinaries;
  readonly #config: string;
  readonly #dirs: readonly string[];
  readonly #servers: SupervisedServer[] = [];

  constructor(binaries: CephBinaries, config: string, dirs: readonly string[]) {
    this.#binaries = binaries;
    this.#config = config;
    this.#dirs = dirs;
  }

  async call(program: string, args: readonly string[]): Promise<void> {
    const { binDir, env } = this.#binaries;
    await run(join(binDir, program), ['-c', this.#config, ...args], { env, timeout: readyMsMax });
  }

  async start(program: string, args: readonly string[], directory: string): Promise<SupervisedServer> {
    const { binDir, env } = this.#binaries;
    const server = await supervise([join(binDir, program), '-c', this.#config, ...args], directory, env);
    this.#servers.push(server);
    return server;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.splice(0).reverse()) await server.release('remove');
    for (const dir of this.#dirs) await rm(dir, { recursive: true, force: true });
  }
}

async function startMonitor(
  cluster: Cluster,
  { monDir, monPort, fsid }: { readonly monDir: string; readonly monPort: number; readonly fsid: string },
): Promise<void> {
  const map = join(monDir, 'monmap');
  await mkdir(join(monDir, 'data'));
  await cluster.call('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', monAddress(monPort), map]);
  await cluster.call('ceph-mon', ['-i', 'a', '--mkfs', '--monmap', map]);
  await cluster.start('ceph-mon', ['-i', 'a', '-f'], monDir);
}

async function startDisk(cluster: Cluster, osdDir: string): Promise<void> {
  const id = randomUUID();
  await mkdir(join(osdDir, 'data'));
  await cluster.call('ceph', ['osd', 'new', id, '0']);
  await cluster.call('ceph-osd', ['-i', '0', '--mkfs', '--osd-uuid', id]);
  await cluster.start('ceph-osd', ['-i', '0', '-f'], osdDir);
}

async function answers(url: string, gateway: SupervisedServer): Promise<void> {
  let ended: string | undefined;
  void gateway.exited.then((output) => {
    ended = output;
  });
  for (const deadlineMs = Date.now() + readyMsMax; Date.now() < deadlineMs; await pause(50)) {
    if (ended !== undefined) throw new Error(`radosgw did not start: ${ended.trim()}`);
    const isUp = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
  }
  throw new Error(`radosgw does not answer on ${url} within ${readyMsMax} ms.`);
}
