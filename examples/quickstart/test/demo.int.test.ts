import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { influxdAvailable } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';

describe.skipIf(!(await influxdAvailable()))('the demo', () => {
  it('loses InfluxDB, restores the backup and finds equal counts', () => {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'demo'], {
      encoding: 'utf8',
      env: { ...process.env, CERES_DEMO_SECONDS: '4' },
    });
    expect(stderr, stdout).not.toMatch(/Error/);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).not.toContain('THIS IS NOT INFLUXDB');
    expect(stdout).toMatch(/db_9 +\d/);
    expect(stdout.match(/ equal$/gm)).toHaveLength(11);
    const [, backupDir = ''] = /left in (.*)\.$/m.exec(stdout) ?? [];
    rmSync(dirname(backupDir), { recursive: true });
  }, 300_000); // The first run builds what is missing.
});
