/**
 * Returns the paths of the fields of `resource` that its schema does not know.
 *
 * The schemas of Kubernetes allow unknown fields, so a misspelled one would pass. But a validator reads every field that it
 * knows, so a field that it never reads is unknown.
 */
export function unknownFields(resource: object, validate: (watched: object) => void): string[] {
  const unread = new Set<string>();
  validate(watch(resource, '', unread));
  return [...unread];
}

function watch(value: object, path: string, unread: Set<string>): object {
  const children = new Map(
    Object.entries(value).map(([key, child]) => {
      const childPath = `${path}/${key}`;
      unread.add(childPath);
      return [key, isObject(child) ? watch(child, childPath, unread) : child] as const;
    }),
  );
  return new Proxy(value, {
    get: (target, key) => {
      unread.delete(`${path}/${String(key)}`);
      return children.get(key as string) ?? Reflect.get(target, key);
    },
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
