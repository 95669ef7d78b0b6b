/** The handler's own answer, instead of InfluxDB's. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** The rest of the request is not worth reading: the connection ends with the answer. */
  readonly closes: boolean;

  constructor(status: number, message: string, options: { readonly closes?: boolean; readonly cause?: unknown } = {}) {
    super(message, options);
    this.status = status;
    this.closes = options.closes ?? false;
  }
}

/** The client went away: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('the client closed the connection');
  }
}
