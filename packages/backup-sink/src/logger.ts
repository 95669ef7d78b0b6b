/** pino's signature, and that of what imitates it. */
export interface Logger {
  debug(o: object, msg?: string): void;
  info(o: object, msg?: string): void;
  warn(o: object, msg?: string): void;
  error(o: object, msg?: string): void;
}

function silent(): void {}

export const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
