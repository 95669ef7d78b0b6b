import { comment, fileOf } from './script';
import type { Policy, Wanted } from './wanted';

/** Returns what Amazon S3 needs. `s3:PutObject` alone also overwrites: the bucket's policy takes that half away. */
export function s3Policy({ bucket, prefix, written, expireAfterDays, lockForDays }: Wanted): Policy {
  const arn = `arn:aws:s3:::${bucket}`;
  const ofBackup = `${arn}/${prefix}*`;
  const policyOf = (...statements: readonly object[]) => ({ Version: '2012-10-17', Statement: statements });
  const documents = {
    bucketPolicy: policyOf(
      {
        Sid: 'CreateAndNeverOverwrite',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: ofBackup,
        Condition: { Null: { 's3:if-none-match': 'true' } },
      },
      {
        Sid: 'OnlyEncrypted',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ),
    writerPolicy: policyOf({
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: written.map((own) => `${arn}/${own}*`),
    }),
    readerPolicy: policyOf(
      { Effect: 'Allow', Action: 's3:GetObject', Resource: ofBackup },
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: arn,
        ...(prefix !== '' && { Condition: { StringLike: { 's3:prefix': `${prefix}*` } } }),
      },
    ),
    lifecycle: {
      Rules: [
        {
          ID: 'ceres',
          Status: 'Enabled',
          Filter: prefix === '' ? {} : { Prefix: prefix },
          Expiration: { Days: expireAfterDays },
          NoncurrentVersionExpiration: { NoncurrentDays: 1 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    },
    objectLock: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: lockForDays } },
    },
  };
  return { documents, script: scriptOf(bucket, prefix, documents) };
}

function scriptOf(bucket: string, prefix: string, documents: Readonly<Record<string, object>>): string {
  const { bucketPolicy = {}, writerPolicy = {}, readerPolicy = {}, lifecycle = {}, objectLock = {} } = documents;
  return [
    comment(`What a create-only backup in s3://${bucket}/${prefix} needs. Look at it, set the region, then run it.`),
    `REGION=eu-central-1\n`,
    comment(
      'The bucket. Object Lock can be switched on only with it; leave both out for a bucket that you have. Ceph ignores',
      'If-None-Match in a bucket with a lock or with versions: there, leave the lock out.',
    ) +
      `aws s3api create-bucket --bucket ${bucket} --region "$REGION" \\\n  --create-bucket-configuration "LocationConstraint=$REGION" --object-lock-enabled-for-bucket\n` +
      `aws s3api put-public-access-block --bucket ${bucket} \\\n  --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true\n`,
    comment(
      "The bucket's policy: an upload that may overwrite is refused, from any account. This replaces a policy that is there.",
    ) +
      fileOf('bucket-policy.json', bucketPolicy) +
      `aws s3api put-bucket-policy --bucket ${bucket} --policy file://bucket-policy.json\n`,
    comment('The writer: the right to create, and no other. Attach it to the role of the service.') +
      fileOf('writer-policy.json', writerPolicy) +
      'aws iam create-policy --policy-name ceres-writer --policy-document file://writer-policy.json\n',
    comment('The reader: attach it to the person who restores, when it is needed.') +
      fileOf('reader-policy.json', readerPolicy) +
      'aws iam create-policy --policy-name ceres-reader --policy-document file://reader-policy.json\n',
    comment('Expiry by age. This replaces the rules that are there.') +
      fileOf('lifecycle.json', lifecycle) +
      `aws s3api put-bucket-lifecycle-configuration --bucket ${bucket} --lifecycle-configuration file://lifecycle.json\n`,
    comment(
      'The lock: up to that age no one can delete a file, the owner of the account included. It holds for the whole bucket.',
    ) +
      fileOf('object-lock.json', objectLock) +
      `aws s3api put-object-lock-configuration --bucket ${bucket} --object-lock-configuration file://object-lock.json\n`,
    comment("Afterwards, with the writer's credential:", `  ceres doctor "s3://${bucket}/${prefix}?region=$REGION"`),
  ].join('\n');
}
