/**
 * The fields of `resource` that its schema does not know, as paths. Kubernetes's schemas allow unknown fields, so a
 * misspelt one would pass; but a validator reads every field it knows, and a field that it never read is unknown.
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
