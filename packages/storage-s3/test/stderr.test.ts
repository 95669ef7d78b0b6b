import { FakeS3, startProgram } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';

it('prints no line of the SDK, neither of the age of Node nor of a failed upload', async () => {
  const fake = await FakeS3.start();
  onTestFinished(() => fake.close());
  fake.inject({ kind: 'status', status: 503, code: 'SlowDown' });
  fake.inject({ kind: 'reset' });
  const program = await startProgram(new URL('./support/put-child.ts', import.meta.url), {
    S3_ENDPOINT: fake.url,
    AWS_ACCESS_KEY_ID: fake.keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: fake.keys.secretAccessKey,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: undefined,
  });
  onTestFinished(() => program.remove());
  expect((await program.exited).split('\n')).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'created', '']);
});
