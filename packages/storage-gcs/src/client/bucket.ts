import type { ResolvedOptions } from '../options';
import { AuthorizedClient } from './authorized-client';
import { CutAnswers } from './cut-answers';

/** What all calls to one bucket share. */
export class Bucket {
  readonly options: ResolvedOptions;
  readonly client: AuthorizedClient;
  readonly answers: CutAnswers;

  constructor(options: ResolvedOptions) {
    this.options = options;
    this.client = new AuthorizedClient(options);
    this.answers = new CutAnswers(options.bucket);
  }
}
