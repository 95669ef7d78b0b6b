import { FakeAzure, startProgram } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';

it('prints no line of the SDK, also when uploads fail', async () => {
  const fake = await FakeAzure.start();
  onTestFinished(() => fake.close());
  fake.inject({ kind: 'status', status: 503, code: 'ServerBusy' });
  fake.inject({ kind: 'reset' });
  const program = await startProgram(new URL('./support/put-child.ts', import.meta.url), {
    AZURE_ENDPOINT: fake.url,
    AZURE_STORAGE_SAS_TOKEN: fake.sas('c'),
    AZURE_LOG_LEVEL: undefined,
  });
  onTestFinished(() => program.remove());
  expect((await program.exited).split('\n')).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'created', '']);
});
