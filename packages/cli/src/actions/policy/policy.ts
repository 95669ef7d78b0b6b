import { instancePrefixes } from '@ceres/storage/internal';
import { CliError, check } from '../../errors';
import { exitCodes } from '../../exit-codes';
import { formatCountOf } from '../../output/format';
import { printJson, type Terminal } from '../../terminal';
import { azurePolicy } from './azure';
import { gcsPolicy } from './gcs';
import { s3Policy } from './s3';
import type { Wanted } from './wanted';

export interface PolicyOptions {
  readonly bucket: string;
  readonly prefix?: string;
  readonly instance?: string;
  readonly expireAfter?: number;
  readonly lockFor?: number;
  readonly json?: true;
}

const policies = { s3: s3Policy, gcs: gcsPolicy, azure: azurePolicy };

export function runPolicy(store: keyof typeof policies, options: PolicyOptions, terminal: Terminal): number {
  const { documents, script } = policies[store](resolve(options));
  if (options.json) printJson(terminal, documents);
  else terminal.stdout.write(script); // as it is: a line that is broken for a screen is another command
  return exitCodes.done;
}

/** Characters that neither a shell nor a pattern of a policy gives a meaning to. */
const plain = /^[\p{L}\p{N} _.,:+=@%~()!/-]*$/u;

function resolve({ bucket, prefix = '', instance, expireAfter = 400, lockFor = 35 }: PolicyOptions): Wanted {
  const isBucket = /^[A-Za-z0-9][A-Za-z0-9._-]+$/.test(bucket);
  check.that(isBucket, 'bucket', 'the name of a bucket, without a scheme and without a path', bucket);
  const isFolder = plain.test(prefix) && !/^\/|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/.test(prefix);
  check.that(isFolder, 'prefix', 'names with "/" between them, without quotes and patterns', prefix);
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  check.number('expireAfter', expireAfter, { min: 1, max: 36_500, unit: 'days' });
  check.number('lockFor', lockFor, { min: 1, max: 36_500, unit: 'days' });
  if (lockFor >= expireAfter) {
    const message = `Expected --lock-for to be shorter than --expire-after, got ${lockFor} and ${formatCountOf(expireAfter, 'day')}: nothing would expire.`;
    throw new CliError('INVALID_OPTIONS', message);
  }
  return {
    bucket,
    prefix: folder,
    written: (instance === undefined ? [''] : instancePrefixes(instance)).map((own) => folder + own),
    instance,
    expireAfterDays: expireAfter,
    lockForDays: lockFor,
  };
}
