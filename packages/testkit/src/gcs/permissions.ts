/** Of the IAM permissions of Cloud Storage, those that its object calls need. */
export type GcsPermission =
  | 'storage.objects.create'
  | 'storage.objects.get'
  | 'storage.objects.list'
  | 'storage.objects.delete'
  | 'storage.buckets.get';

/** What the predefined roles grant (https://cloud.google.com/storage/docs/access-control/iam-roles). */
export const gcsRoles = {
  /** roles/storage.objectCreator: all that a sink is given. */
  objectCreator: ['storage.objects.create'],
  /** roles/storage.objectViewer: all that a restore is given. */
  objectViewer: ['storage.objects.get', 'storage.objects.list'],
  /** roles/storage.admin */
  admin: [
    'storage.objects.create',
    'storage.objects.get',
    'storage.objects.list',
    'storage.objects.delete',
    'storage.buckets.get',
  ],
} as const satisfies Record<string, readonly GcsPermission[]>;
