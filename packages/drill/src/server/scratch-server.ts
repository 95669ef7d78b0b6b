import { randomUUID } from 'node:crypto';
import { type InfluxServer, InfluxWriter, ping, querySeries } from '@ceres/influx-http';
import { quotedName } from '@ceres/influx-http/internal';
import { livenessOf, type ProcessIdentity, thisProcess } from '@ceres/internal';
import { DrillError } from '../errors';
import type { DrillServer } from './drill-server';

/** The database that marks a server as a drill's: it says whose, and what else belongs to it. */
const markerDatabase = 'ceres_drill';

export interface ScratchSettings {
  readonly server: InfluxServer;
  /** Its snapshot service. */
  readonly snapshot: string | undefined;
  readonly instance: string;
  readonly signal: AbortSignal | undefined;
}

/** What the marker says. */
interface Mark {
  readonly id: string;
  readonly owner: ProcessIdentity;
  readonly databases: readonly string[];
}

/**
 * Takes a server that was started for the drill. It must be empty, or hold nothing but what a drill that is dead has left there, which is dropped.
 *
 * @throws DrillError `SCRATCH_REFUSED`, before anything is changed; InfluxHttpError; the signal's reason
 */
export async function takeScratchServer(settings: ScratchSettings): Promise<DrillServer> {
  const { server, snapshot, instance } = settings;
  const { host, hostname } = new URL(server.url);
  if ([host, hostname].includes(instance.toLowerCase())) {
    throw refused(host, `it has the name of the server that was backed up (${instance})`);
  }
  const { version } = await ping(server);
  if (!/^1\./.test(version)) throw refused(host, `it is version ${version}, and not InfluxDB 1.x`);
  const scratch = new Scratch(settings);
  await scratch.refuseOrTidy(host);
  const id = randomUUID();
  await scratch.mark({ id, owner: thisProcess(), databases: [] });
  // Of two drills that found it empty at the same moment, the one with the lesser id has it.
  const [first] = await scratch.marks();
  if (first?.id !== id) throw refused(host, 'another drill has just begun there');
  let isRemoved = false;
  return {
    server,
    snapshot,
    version,
    lost: new AbortController().signal,
    claim: async (databases) => await scratch.mark({ id, owner: thisProcess(), databases }),
    remove: async () => {
      if (!isRemoved) await scratch.dropAll();
      isRemoved = true;
    },
  };
}

/** The statements that a drill runs on its scratch server. */
class Scratch {
  readonly #settings: ScratchSettings;

  constructor(settings: ScratchSettings) {
    this.#settings = settings;
  }

  async refuseOrTidy(host: string): Promise<void> {
    const found = (await this.#databases()).filter((name) => name !== markerDatabase);
    const marks = await this.marks();
    if (marks.some(({ owner }) => livenessOf(owner) === 'alive')) throw refused(host, 'another drill is using it');
    const isDead = marks.length > 0 && marks.every(({ owner }) => livenessOf(owner) === 'dead');
    const own = new Set(isDead ? marks.flatMap(({ databases }) => databases) : []);
    const others = found.filter((name) => !own.has(name));
    if (others.length > 0) {
      const names = others
        .slice(0, 3)
        .map((name) => `'${name}'`)
        .join(', ');
      throw refused(host, `it holds ${others.length === 1 ? 'a database' : `${others.length} databases`} (${names})`);
    }
    if (marks.length > 0 && !isDead) {
      const { pid, host: of } = (marks[0] as Mark).owner;
      const what = `a drill of pid ${pid} on host ${of} is using it, as far as can be seen from here`;
      throw refused(host, `${what}; if that drill is gone, run DROP DATABASE ${markerDatabase} there`);
    }
    if (isDead) await this.dropAll();
  }

  /** Returns what drills have marked, by their ids; none if there is no marker. */
  async marks(): Promise<readonly Mark[]> {
    if (!(await this.#databases()).includes(markerDatabase)) return [];
    const marks = new Map<string, Mark>();
    for await (const { values } of this.#ask('SELECT mark FROM drill ORDER BY time', markerDatabase)) {
      const mark = JSON.parse(Buffer.from(values[1] ?? '', 'base64').toString()) as Mark;
      marks.set(mark.id, mark);
    }
    return [...marks.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async mark(mark: Mark): Promise<void> {
    await this.#run(`CREATE DATABASE ${quotedName(markerDatabase)}`);
    const writer = new InfluxWriter(this.#settings.server);
    const text = Buffer.from(JSON.stringify(mark)).toString('base64');
    const line = Buffer.from(`drill,id=${mark.id} mark="${text}" 0\n`);
    try {
      const outcome = await writer.write(line, { database: markerDatabase, precision: 'ns' });
      if (outcome.kind === 'stored') return;
      const todo = 'Look at its log and its disk, or start another one for the drill';
      throw new DrillError('SCRATCH_REFUSED', `The scratch server takes no point: ${outcome.message}. ${todo}.`);
    } finally {
      await writer.close();
    }
  }

  /** Drops what drills have claimed, and the marker last: what is cut short, the next drill finishes. */
  async dropAll(): Promise<void> {
    const there = new Set(await this.#databases());
    const claimed = (await this.marks()).flatMap(({ databases }) => databases);
    for (const name of [...new Set(claimed)].filter((one) => there.has(one))) {
      await this.#run(`DROP DATABASE ${quotedName(name)}`);
    }
    if (there.has(markerDatabase)) await this.#run(`DROP DATABASE ${quotedName(markerDatabase)}`);
  }

  async #databases(): Promise<string[]> {
    const names: string[] = [];
    for await (const { values } of this.#ask('SHOW DATABASES')) names.push(values[0] ?? '');
    return names.filter((name) => name !== '_internal');
  }

  async #run(statement: string): Promise<void> {
    for await (const _ of this.#ask(statement));
  }

  #ask(statement: string, database = '') {
    // No signal: what was begun there is tidied up after an interruption, too.
    return querySeries(this.#settings.server, database, statement);
  }
}

function refused(host: string, why: string): DrillError {
  const todo = 'Nothing there was changed. Start an empty InfluxDB for the drill, and name that one';
  return new DrillError('SCRATCH_REFUSED', `The scratch server ${host} is refused: ${why}. ${todo}.`);
}
