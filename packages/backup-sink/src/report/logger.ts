import { asError } from '../errors';

/** A logger with pino's signature. */
export interface Logger {
  debug(o: object, msg?: string): void;
  info(o: object, msg?: string): void;
  warn(o: object, msg?: string): void;
  error(o: object, msg?: string): void;
}

/** Wraps a logger so that nothing depends on it: the first error that it throws becomes a warning of the process, and the others are dropped. */
export function harmless(logger: Logger): Logger {
  let hasThrown = false;
  const at = (level: keyof Logger) => (o: object, msg?: string) => {
    try {
      logger[level](o, msg);
    } catch (thrown) {
      if (!hasThrown)
        process.emitWarning(`The logger of a backup sink threw: ${asError(thrown).message}`, 'CeresWarning');
      hasThrown = true;
    }
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function silent(): void {}

export const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
