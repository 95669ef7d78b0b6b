/** Returns the message inside `{"error":"…"}`, even if the middle was cut out; otherwise the body itself, as proxies answer. */
export function errorText(body: string): string {
  const quoted = /^\{"error":(".*")\}\s*$/s.exec(body)?.[1];
  if (quoted === undefined) return body.trim();
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1); // A cut may fall inside an escape.
  }
}
