/** Characters that a terminal acts on, or that change how the text around them looks: controls, ESC, C1, marks of direction, line separators. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** What the controls become: a hostile name may hold a million of them. */
const controls = Array.from({ length: 0x100 }, (_, code) => short[String.fromCharCode(code)] ?? `\\x${hex(code, 2)}`);

/**
 * Returns a text that a terminal shows as it is, on one line: a name of a bucket or a database may hold what moves the cursor, erases the
 * screen or paints a word. `ESC` becomes `\x1b`, and a mark of direction `\u202e`.
 */
export function escapeControls(text: string): string {
  return text.replace(unseen, (character) => escaped(character.codePointAt(0) ?? 0));
}

/** Does the same with each of several lines, and keeps their ends. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n');
}

/** Returns JSON that means the same, without characters that a terminal acts on. `JSON.stringify` leaves some of them as they are. */
export function escapeJson(json: string): string {
  return json.replace(unseen, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`).join(''),
  );
}

function escaped(code: number): string {
  return controls[code] ?? (code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
