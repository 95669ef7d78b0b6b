/** An error as `node:fs/promises` throws it. */
export function failure(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, path, syscall: operation });
}
