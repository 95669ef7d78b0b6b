import { InvalidArgumentError } from 'commander';

/** Collects `from=to`, repeated. The first `=` divides; a name that holds one cannot be redirected this way. */
export function parseRedirects(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, from, to] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (from === undefined || to === undefined) throw new InvalidArgumentError(`'${text}' is not of the form from=to.`);
  if (from in earlier) throw new InvalidArgumentError(`'${from}' is redirected twice.`);
  return { ...earlier, [from]: to };
}
