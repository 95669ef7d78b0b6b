import { comment, fileOf } from './script';
import type { Policy, Wanted } from './wanted';

/** Returns what Google Cloud Storage needs. Overwriting needs the right to delete there, which the role lacks. */
export function gcsPolicy({ bucket, prefix, written, expireAfterDays, lockForDays }: Wanted): Policy {
  const objects = `projects/_/buckets/${bucket}/objects/`;
  const within = (own: string) => `resource.name.startsWith('${objects}${own}')`;
  const isWhole = written.length === 1 && written[0] === '';
  const documents = {
    writerRole: {
      title: 'Ceres backup writer',
      stage: 'GA',
      includedPermissions: ['storage.objects.create'],
    },
    ...(!isWhole && {
      writerCondition: { title: 'ceres-writer', expression: written.map(within).join(' || ') },
    }),
    ...(prefix !== '' && {
      // A listing is a call on the bucket: what it may list is an attribute of the call.
      readerCondition: {
        title: 'ceres-reader',
        expression: `${within(prefix)} || api.getAttribute('storage.googleapis.com/objectListPrefix', '').startsWith('${prefix}')`,
      },
    }),
    lifecycle: {
      rule: [
        {
          action: { type: 'Delete' },
          condition: { age: expireAfterDays, ...(prefix !== '' && { matchesPrefix: [prefix] }) },
        },
      ],
    },
    retention: { periodSeconds: lockForDays * 86_400 },
  };
  return { documents, script: scriptOf(bucket, prefix, documents) };
}

interface Documents {
  readonly writerRole: object;
  readonly writerCondition?: object;
  readonly readerCondition?: object;
  readonly lifecycle: object;
  readonly retention: { readonly periodSeconds: number };
}

function scriptOf(bucket: string, prefix: string, documents: Documents): string {
  const { writerRole, writerCondition, readerCondition, lifecycle, retention } = documents;
  const url = `gs://${bucket}`;
  return [
    comment(`What a create-only backup in ${url}/${prefix} needs. Look at it, set the first three lines, then run it.`),
    'PROJECT=acme-prod\nLOCATION=EU\nREADER=user:oncall@acme.example\n',
    comment('The bucket; leave this out for one that you have.') +
      `gcloud storage buckets create ${url} --project="$PROJECT" --location="$LOCATION" \\\n  --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=7d\n`,
    comment('The writer: the right to create, and no other. It cannot overwrite, which needs the right to delete.') +
      fileOf('writer-role.json', writerRole) +
      'gcloud iam roles create ceresBackupWriter --project="$PROJECT" --file=writer-role.json\n' +
      'gcloud iam service-accounts create ceres-writer --project="$PROJECT"\n' +
      binding(url, '"serviceAccount:ceres-writer@$PROJECT.iam.gserviceaccount.com"', {
        role: '"projects/$PROJECT/roles/ceresBackupWriter"',
        condition: writerCondition,
        file: 'writer-condition.json',
      }),
    comment('The reader: the person who restores, when it is needed.') +
      binding(url, '"$READER"', {
        role: 'roles/storage.objectViewer',
        condition: readerCondition,
        file: 'reader-condition.json',
      }),
    comment('Expiry by age. This replaces the rules that are there.') +
      fileOf('lifecycle.json', lifecycle) +
      `gcloud storage buckets update ${url} --lifecycle-file=lifecycle.json\n`,
    comment(
      'Retention: up to that age no one can delete or replace a file of this bucket. When you are sure of it, lock it: then it can',
      'only grow, and that cannot be undone.',
    ) +
      `gcloud storage buckets update ${url} --retention-period=${retention.periodSeconds}s\n` +
      comment(`gcloud storage buckets update ${url} --lock-retention-period`),
    comment(
      "Afterwards, with the writer's credential:",
      `  ceres doctor ${prefix === '' ? url : `'${url}/${prefix}'`}`,
    ),
  ].join('\n');
}

interface Binding {
  readonly role: string;
  /** Default: none, which the command wants to hear. */
  readonly condition: object | undefined;
  readonly file: string;
}

function binding(url: string, member: string, { role, condition, file }: Binding): string {
  const given = condition === undefined ? '--condition=None' : `--condition-from-file=${file}`;
  const command = `gcloud storage buckets add-iam-policy-binding ${url} \\\n  --member=${member} \\\n  --role=${role} ${given}\n`;
  return condition === undefined ? command : fileOf(file, condition) + command;
}
