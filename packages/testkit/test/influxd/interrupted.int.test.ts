import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { influxdAvailable } from '../../src/index';

const runner = fileURLToPath(new URL('./hold-influxd.ts', import.meta.url));

describe.skipIf(!(await influxdAvailable()))('an interrupted test run', () => {
  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('leaves no influxd and no directory after %s', async (signal) => {
    const child = spawn(process.execPath, ['--import', 'tsx', runner], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { url, dataDir } = JSON.parse(line) as { url: string; dataDir: string };
    expect((await fetch(`${url}/ping`)).status).toBe(204);

    child.kill(signal);

    await vi.waitFor(() => expect(existsSync(dataDir)).toBe(false), { timeout: 60_000 });
    await expect(fetch(`${url}/ping`)).rejects.toThrow('fetch failed');
  });
});
