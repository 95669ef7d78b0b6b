import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { ceres } from '../support/in-process';

it.each(['restore', 'drill', 'status', 'watch', 'report', 'metrics'])(
  'ceres takes the arguments of %s in the Kubernetes example',
  async (name) => {
    const manifest = readFileSync(
      new URL(`../../../../examples/kubernetes/manifests/${name}.yaml`, import.meta.url),
      'utf8',
    );
    const [, list = ''] = /^ +args:\n((?: +[-#] .*\n)+)/m.exec(manifest) ?? [];
    const args = [...list.matchAll(/^ +- (.*)/gm)].map(([, arg = '']) => arg);
    expect(args[0]).toBe(name);
    const argv = args.map((arg) =>
      arg
        .replace('gs://BUCKET', 'file:///nowhere')
        .replace('$(JOB_COMPLETION_INDEX)', '0')
        .replace('/scratch/work', tmpdir()),
    );
    // The exit code is not 2 for wrong usage: the command got as far as the backup.
    expect(await ceres(argv)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('There is no directory /nowhere'),
    });
  },
);

it.each(['drill', 'status', 'watch', 'report', 'metrics'])(
  'ceres takes the arguments of %s in the units of systemd',
  async (name) => {
    const unit = readFileSync(
      new URL(`../../../../examples/systemd/units/ceres-${name}.service`, import.meta.url),
      'utf8',
    );
    const commands = [...unit.matchAll(/^(?:# )?ExecStart=\/usr\/bin\/ceres (.*)$/gm)].map(([, words = '']) => words);
    expect(commands).toHaveLength(name === 'drill' ? 2 : 1);
    for (const words of commands) {
      const argv = words.replace('%d/drills.key', '/nowhere/drills.key').split(' ');
      const env = { CERES_STORAGE: 'file:///nowhere', CERES_INSTANCE: 'influxdb-0.influxdb' };
      const { exitCode, stderr } = await ceres(argv, undefined, { env });
      const isSigned = words.includes('--signing-key');
      expect([exitCode, stderr]).toEqual([isSigned ? 2 : 1, expect.stringContaining('/nowhere')]);
    }
  },
);
