import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ceres } from '../support/in-process';

it('ceres takes the arguments of the restore Job in the Kubernetes example', async () => {
  const manifest = readFileSync(
    new URL('../../../../examples/kubernetes/manifests/restore.yaml', import.meta.url),
    'utf8',
  );
  const [, list = ''] = /^ +args:\n((?: +- .*\n)+)/m.exec(manifest) ?? [];
  const args = [...list.matchAll(/- (.*)/g)].map(([, arg = '']) => arg);
  expect(args[0]).toBe('restore');
  const argv = args.map((arg) => arg.replace('gs://BUCKET', 'file:///nowhere').replace('$(JOB_COMPLETION_INDEX)', '0'));
  // The exit code is not 2 for wrong usage: the command got as far as the backup.
  expect(await ceres(argv)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('There is no directory /nowhere'),
  });
});
