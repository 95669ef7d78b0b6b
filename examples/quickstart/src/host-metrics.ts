import { readdir, readFile, statfs } from 'node:fs/promises';
import { cpus, freemem, hostname, loadavg, totalmem, uptime } from 'node:os';
import type { IPoint } from 'influx';

const host = hostname();
const processesMax = 20;

/** Reads this machine's metrics: CPU, memory, load and disk; on Linux also network and processes. */
export async function readHostMetrics(): Promise<IPoint[]> {
  const groups = await Promise.all([cpu(), memory(), load(), disk(), network(), processes()]);
  return groups.flat();
}

function cpu(): IPoint[] {
  return cpus().map(({ times, speed }, core) => ({
    measurement: 'cpu',
    tags: { host, cpu: `cpu${core}` },
    fields: { user_ms: times.user, system_ms: times.sys, idle_ms: times.idle, irq_ms: times.irq, mhz: speed },
  }));
}

function memory(): IPoint[] {
  const [total, free] = [totalmem(), freemem()];
  return [
    { measurement: 'mem', tags: { host }, fields: { total, free, used_percent: (100 * (total - free)) / total } },
  ];
}

function load(): IPoint[] {
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  return [{ measurement: 'system', tags: { host }, fields: { load1, load5, load15, uptime_s: uptime() } }];
}

async function disk(): Promise<IPoint[]> {
  const { bsize, blocks, bavail } = await statfs('/');
  return [{ measurement: 'disk', tags: { host, path: '/' }, fields: { total: bsize * blocks, free: bsize * bavail } }];
}

async function network(): Promise<IPoint[]> {
  const lines = (await readProc('net/dev')).split('\n').slice(2).filter(Boolean);
  return lines.map((line) => {
    const [name = '', counters = ''] = line.split(':');
    const [received, , , , , , , , sent] = counters.trim().split(/\s+/).map(Number);
    return {
      measurement: 'net',
      tags: { host, interface: name.trim() },
      fields: { bytes_recv: received, bytes_sent: sent },
    };
  });
}

async function processes(): Promise<IPoint[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).slice(0, processesMax);
  const points = await Promise.all(pids.map(processPoint));
  return points.flat();
}

async function processPoint(pid: string): Promise<IPoint[]> {
  const stat = await readProc(`${pid}/stat`);
  const name = /\((.*)\)/s.exec(stat)?.[1];
  if (name === undefined) return [];
  const columns = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '?', userTicks, systemTicks, threads, residentPages] = [0, 11, 12, 17, 21].map((i) => columns[i]);
  return [
    {
      measurement: 'procstat',
      tags: { host, pid, process: name },
      fields: {
        state,
        cpu_ticks: Number(userTicks) + Number(systemTicks),
        threads: Number(threads),
        resident_pages: Number(residentPages),
      },
    },
  ];
}

/** Reads a file of /proc; an empty text on another operating system, or if the process has just ended. */
async function readProc(path: string): Promise<string> {
  return readFile(`/proc/${path}`, 'utf8').catch(() => '');
}
