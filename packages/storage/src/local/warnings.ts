/** Says once for each root, as a warning of the process, what its file system cannot do and what that costs. */
export class Warnings {
  readonly #rootDir: string;
  readonly #said = new Set<string>();

  constructor(rootDir: string) {
    this.#rootDir = rootDir;
  }

  noDirectoryFsync(): void {
    const cost = 'A crash of the host may lose objects that were stored shortly before it.';
    this.#say('CERES_NO_DIRECTORY_FSYNC', `cannot fsync directories. ${cost}`);
  }

  noHardLinks(): void {
    const cost =
      'A writer that is killed while it names an object may leave an empty file, which the next put of that key fills.';
    this.#say('CERES_NO_HARD_LINKS', `has no hard links. ${cost}`);
  }

  #say(code: string, what: string): void {
    if (this.#said.has(code)) return;
    this.#said.add(code);
    const message = `The file system of ${this.#rootDir} ${what} Use a local file system such as ext4 or xfs.`;
    process.emitWarning(message, { type: 'CeresWarning', code });
  }
}
