import { GcsRefusal } from './answer';
import type { GcsMethod } from './call';

/** The IAM permissions of Cloud Storage that its object calls need. */
export type GcsPermission =
  | 'storage.objects.create'
  | 'storage.objects.get'
  | 'storage.objects.list'
  | 'storage.objects.delete'
  | 'storage.buckets.get';

/** What the predefined roles grant (https://cloud.google.com/storage/docs/access-control/iam-roles). */
export const gcsRoles = {
  /** roles/storage.objectCreator: all that a sink needs. */
  objectCreator: ['storage.objects.create'],
  /** roles/storage.objectViewer: all that a restore needs. */
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

/** The permission that each call needs. */
export const permissionFor: Readonly<Record<Exclude<GcsMethod, 'other'>, GcsPermission>> = {
  'objects.create': 'storage.objects.create',
  'objects.list': 'storage.objects.list',
  'objects.get': 'storage.objects.get',
  'objects.getMetadata': 'storage.objects.get',
  'objects.delete': 'storage.objects.delete',
  'buckets.get': 'storage.buckets.get',
};

/** Makes a 403 in Google's words. */
export function denied(permission: GcsPermission): GcsRefusal {
  const account = 'tester@project.iam.gserviceaccount.com';
  const message = `${account} does not have ${permission} access to the Google Cloud Storage object.`;
  const detail = `Permission '${permission}' denied on resource (or it may not exist).`;
  return new GcsRefusal(403, 'forbidden', `${message} ${detail}`);
}
