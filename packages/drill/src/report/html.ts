import { cut } from '@ceres/internal';

/** A piece of HTML whose texts are escaped already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | undefined | readonly Html[];

/** Makes HTML from a template: every text that is put in is escaped, in an element as well as in a quoted attribute. */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(pieces.map((piece, i) => (i === 0 ? piece : `${textOf(parts[i - 1])}${piece}`)).join(''));
}

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return escapeHtml(String(part));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** A name that is longer is cut: 64 KB of it would hide everything else. */
const nameLengthMax = 120;
/** A sentence names several things. */
const textLengthMax = 600;

/** Returns a name as it is shown: what does not show, or turns the text around it, as an escape; and cut visibly. */
export function shownName(name: string): string {
  return shown(name, nameLengthMax);
}

/** Returns a sentence that has names in it as it is shown. */
export function shownText(text: string): string {
  return shown(text, textLengthMax);
}

function shown(text: string, lengthMax: number): string {
  return cut(text, lengthMax).replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
