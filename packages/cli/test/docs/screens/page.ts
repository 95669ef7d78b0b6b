import { readFile } from 'node:fs/promises';

/** Commands of the runbook, with what it shows that they print. */
export interface Screen {
  readonly heading: string;
  readonly commands: string;
  readonly shown: string;
}

const page = await readFile(new URL('../../../../../docs/disaster-recovery.md', import.meta.url), 'utf8');

/** The words in bold in the table of disasters. */
export const disasters: readonly string[] = [...page.matchAll(/^\| [^|]+ \| \*\*([a-z ]+)\*\* +\|/gm)].map(
  ([, name = '']) => name,
);

/**
 * Returns the screens of a disaster in the order of the page: a comment `<!-- disaster: NAME, NAME -->` stands before a block of commands, and
 * a block of text with what they print follows it.
 */
export function screensOf(disaster: string): readonly Screen[] {
  const screens: Screen[] = [];
  let heading = '';
  const parts =
    /^#+ (?<title>[^\n]*)$|^<!-- disaster: (?<names>[^\n]*) -->\n+```sh\n(?<commands>.*?)^```\n+```text\n(?<shown>.*?)^```$/gms;
  for (const { groups } of page.matchAll(parts)) {
    const { title, names, commands = '', shown = '' } = groups ?? {};
    if (title !== undefined) heading = title;
    if (names?.split(', ').includes(disaster)) screens.push({ heading, commands, shown });
  }
  return screens;
}

/** The markers that no block of commands and text follows: a mistake in the page. */
export const strayMarkers: number =
  (page.match(/^<!-- disaster: /gm)?.length ?? 0) -
  (page.match(/^<!-- disaster: .* -->\n+```sh\n[^`]*^```\n+```text\n/gm)?.length ?? 0);
