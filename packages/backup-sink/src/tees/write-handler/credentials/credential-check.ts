import { withDeadline } from '@ceres/internal';
import type { Clock } from '@ceres/storage';
import type { Logger } from '../../../report/logger';
import type { TeeCounters } from '../../tee-stats';
import type { Upstream } from '../influx/upstream';
import { PassedOn, Refusal } from '../reply';
import { type Answer, type Asker, askInflux } from './ask-influx';
import { anonymous, type Credential, readCredential } from './credential';
import type { KnownCredentials } from './known-credentials';
import { TooManyHashes } from './slow-hashes';

/** What a check needs. */
export interface CredentialCheckParts {
  readonly upstream: Upstream;
  readonly known: KnownCredentials;
  readonly instance: string;
  /** How long a credential that InfluxDB accepted is honored while it cannot say, or suddenly refuses it. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: TeeCounters;
}

/** How long an answer is good for. A refusal for less: a user may just be made. */
const goodForMs: Readonly<Record<Answer['verdict'], number>> = {
  accepted: 60_000,
  refused: 5_000,
  unrelated: 5_000,
  away: 2_000,
};
/** A disk that takes longer to say what is known of credentials counts as not answering. */
const lookUpMsMax = 5_000;
/** The most answers in memory: what was asked for longest ago goes first. */
const answersMax = 10_000;
/** The name under which it is kept that authentication is off: every credential is good for every database then. */
const everyDatabase = '';

interface Remembered {
  readonly asked: Promise<Answer>;
  untilMs: number;
}

/**
 * Decides whether a client's write may be backed up: what it may not write into InfluxDB would come back with a restore, which
 * writes with an administrator's rights. InfluxDB alone knows, and is asked once in a while for each credential and database.
 */
export class CredentialCheck {
  readonly #parts: CredentialCheckParts;
  readonly #answers = new Map<string, Remembered>();

  constructor(parts: CredentialCheckParts) {
    this.#parts = parts;
  }

  /**
   * Resolves if the write may be backed up.
   *
   * @throws PassedOn with InfluxDB's answer to a client that may not write, or whose database is missing
   * @throws Refusal 503 if InfluxDB cannot say, and did not accept the credential within the grace
   */
  async admit(asker: Asker, database: string): Promise<void> {
    const { known, instance } = this.#parts;
    const withoutAny = await this.#answer(anonymous, asker, database);
    if (withoutAny.verdict === 'accepted') {
      known.remember(anonymous, instance, everyDatabase);
      return;
    }
    const credential = readCredential(asker.request, asker.parameters);
    const answer = credential.isAnonymous ? withoutAny : await this.#answer(credential, asker, database);
    if (answer.verdict === 'accepted') {
      known.remember(credential, instance, database);
      return;
    }
    const address = asker.request.socket.remoteAddress ?? '';
    if (await this.#isHonored(credential, database, answer, address)) {
      this.#report(credential, database, answer);
      return;
    }
    if (answer.verdict !== 'away') throw new PassedOn(answer.answer);
    const message = `InfluxDB cannot say whether this client may write (${answer.reason}), so nothing was backed up: try again`;
    throw new Refusal(503, message);
  }

  /** Asks again at the next write: InfluxDB has just refused one. */
  forget({ request, parameters }: Asker, database: string): void {
    this.#answers.delete(this.#keyOf(anonymous, database));
    this.#answers.delete(this.#keyOf(readCredential(request, parameters), database));
  }

  async #isHonored(credential: Credential, database: string, { verdict }: Answer, address: string): Promise<boolean> {
    const { known, instance, graceMs } = this.#parts;
    const late = () =>
      new Refusal(503, 'What is known of credentials cannot be read: the disk does not answer, try again');
    try {
      return await withDeadline({ ms: lookUpMsMax, error: late }, async () => {
        // A server that asks for credentials now was not rebuilt without a user: nothing is honored without any.
        if (verdict !== 'refused' && (await known.isKnown(anonymous, instance, everyDatabase, graceMs, address)))
          return true;
        return !credential.isAnonymous && (await known.isKnown(credential, instance, database, graceMs, address));
      });
    } catch (error) {
      if (!(error instanceof TooManyHashes)) throw error;
      throw new Refusal(503, `${error.message}: try again`, { cause: error });
    }
  }

  #report({ user }: Credential, database: string, answer: Answer): void {
    const { instance, logger, counters } = this.#parts;
    counters.honoredCredentials += 1;
    const what =
      answer.verdict === 'refused'
        ? 'InfluxDB refuses a client that it accepted before: was the server rebuilt without its users?'
        : 'InfluxDB cannot say whether a client may write, and accepted it before.';
    const why = answer.verdict === 'away' ? answer.reason : `it answered HTTP ${statusOf(answer)}`;
    logger.error({ instance, database, user, why }, `${what} The write is backed up all the same`);
  }

  #answer(credential: Credential, asker: Asker, database: string): Promise<Answer> {
    const { upstream, clock } = this.#parts;
    const key = this.#keyOf(credential, database);
    const found = this.#answers.get(key);
    const nowMs = clock.now();
    // A clock that was set back must not make an answer good for ever.
    if (found !== undefined && nowMs < found.untilMs && found.untilMs <= nowMs + goodForMs.accepted) return found.asked;
    this.#answers.delete(key);
    const asked = askInflux(upstream, database, asker, credential.isAnonymous);
    const remembered: Remembered = { asked, untilMs: nowMs + goodForMs.accepted };
    this.#answers.set(key, remembered);
    void asked.then(({ verdict }) => {
      const untilMs = clock.now() + goodForMs[verdict];
      remembered.untilMs = credential.expiresMs > 0 ? Math.min(untilMs, credential.expiresMs) : untilMs;
    });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= answersMax) break;
      this.#answers.delete(oldest);
    }
    return asked;
  }

  #keyOf(credential: Credential, database: string): string {
    return this.#parts.known.idOf(credential, database);
  }
}

function statusOf(answer: Answer): number | undefined {
  return 'answer' in answer ? answer.answer.status : undefined;
}
