import { comment, fileOf } from './script';
import type { Policy, Wanted } from './wanted';

/**
 * Returns what Azure Blob Storage needs. A shared access signature with `c` alone creates blobs and never overwrites one: that would need
 * `w`. It is for a whole container.
 */
export function azurePolicy({ bucket, prefix, instance, expireAfterDays, lockForDays }: Wanted): Policy {
  const documents = {
    writerSas: { resource: 'container', permissions: 'c', protocol: 'https' },
    readerSas: { resource: 'container', permissions: 'rl', protocol: 'https' },
    lifecycle: {
      rules: [
        {
          enabled: true,
          name: 'ceres',
          type: 'Lifecycle',
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: [`${bucket}/${prefix}`] },
            actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: expireAfterDays } } },
          },
        },
      ],
    },
    immutability: { periodDays: lockForDays, allowProtectedAppendWrites: false },
  };
  const note =
    prefix === '' && instance === undefined
      ? []
      : ['A signature is for the whole container: for rights of their own, give each instance a container of its own.'];
  return { documents, script: scriptOf(bucket, prefix, note, documents) };
}

interface Documents {
  readonly writerSas: { readonly permissions: string };
  readonly readerSas: { readonly permissions: string };
  readonly lifecycle: object;
  readonly immutability: { readonly periodDays: number };
}

function scriptOf(container: string, prefix: string, note: readonly string[], documents: Documents): string {
  const { writerSas, readerSas, lifecycle, immutability } = documents;
  const place = `--account-name "$ACCOUNT"`;
  const sas = (role: string, { permissions }: { readonly permissions: string }, until: string) =>
    `az storage container policy create ${place} --container-name ${container} --name ${role} \\\n  --permissions ${permissions} --expiry "$(date -u -d '${until}' +%Y-%m-%dT%H:%MZ)"\n` +
    `az storage container generate-sas ${place} --name ${container} --policy-name ${role} --https-only --output tsv\n`;
  return [
    comment(
      `What a create-only backup in the container ${container} needs. Look at it, set the first two lines, then run it.`,
      ...note,
    ),
    'ACCOUNT=acmeinfluxbackup\nGROUP=acme-backup\n',
    comment('The container; leave this out for one that you have.') +
      `az storage container create ${place} --name ${container} --public-access off\n`,
    comment(
      'The writer: a signature with the right to create, and no other. Overwriting needs w, which it lacks. It hangs on a stored',
      'policy: delete the policy, and a stolen signature is worth nothing.',
    ) + sas('ceres-writer', writerSas, '+90 days'),
    comment('The reader: a signature to list and read, for the person who restores, when it is needed.') +
      sas('ceres-reader', readerSas, '+2 days'),
    comment('Expiry by age. This replaces the rules of the account that are there.') +
      fileOf('lifecycle.json', lifecycle) +
      `az storage account management-policy create ${place} --resource-group "$GROUP" --policy @lifecycle.json\n`,
    comment(
      'Immutability: up to that age no one can delete or replace a blob of this container. When you are sure of it, lock it: then it',
      'can only grow, and that cannot be undone.',
    ) +
      `az storage container immutability-policy create ${place} --resource-group "$GROUP" \\\n  --container-name ${container} --period ${immutability.periodDays} --allow-protected-append-writes false\n` +
      comment(
        `az storage container immutability-policy lock ${place} --resource-group "$GROUP" --container-name ${container} --if-match ETAG`,
      ),
    comment("Afterwards, with the writer's credential:", `  ceres doctor azblob://$ACCOUNT/${container}/${prefix}`),
  ].join('\n');
}
