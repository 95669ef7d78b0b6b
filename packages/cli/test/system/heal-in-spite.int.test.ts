import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { heal, verify } from '@ceres/restore';
import { influxdAvailable } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { healGround, instance } from '../support/heal-ground';
import { ceres } from '../support/in-process';
import { killedService } from '../support/killed-service';
import { hourMs } from '../support/watch-ground';

const refusal = (message: RegExp) => ({ code: 'HEAL_REFUSED', message: expect.stringMatching(message) });

/** Lets an hour pass. */
function hourLater(): void {
  vi.useFakeTimers({ now: Date.now() + hourMs, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
}

/** Returns the words of the command that a refusal prints. */
function goingOn(stderr: string): readonly string[] {
  const [, command = ''] = /^If all of this is known, to go on:\n {2}ceres (.*)$/m.exec(stderr) ?? [];
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

describe.skipIf(!(await influxdAvailable()))('a heal beside a sink that is silent', () => {
  /** Two values are wrong; a service was killed, and its sink is an hour silent. */
  const silent = async () => {
    const ground = await healGround();
    const { past, at, valueAt } = ground;
    const sink = await killedService(ground);
    await past(`m,t=a v=-1 ${at(7)}\nm,t=a v=-1 ${at(101)}`);
    hourLater();
    return { ...ground, sink, values: async () => [await valueAt(7), await valueAt(101)] };
  };

  it('refuses and names it, and heals what is damaged once that sink, and no other, is retired', async () => {
    const { options, sink, values } = await silent();
    const finding = `silent/${sink}/${instance}`;
    const naming = new RegExp(
      `^Nothing was written\\..*late or silent.*: ${sink} \\(silent: ${finding}\\)\\..*retired \\(--retired\\).*accept \\(--accept\\)`,
    );
    await expect(heal(options)).rejects.toMatchObject(refusal(naming));
    await expect(heal({ ...options, retired: ['another-sink'] })).rejects.toMatchObject(refusal(naming));
    expect(await values()).toEqual([-1, -1]);
    const report = await heal({ ...options, retired: [sink] });
    expect(report).toMatchObject({ outcome: 'EQUAL', points: 2, values: 2, skipped: 0, refused: 0 });
    expect(report.left).toMatchObject({ missing: 0, different: 0, extra: 0 });
    expect(await values()).toEqual([7, 101]);
    const { storage, to } = options;
    const verdict = await verify({ storage, instance, to, level: 'content', retired: [sink] });
    expect(verdict).toMatchObject({ outcome: 'EQUAL', points: 103 });
  });

  it.each(['--retired', '--accept'])('goes on with %s on the command line', async (option) => {
    const { bucket, options, sink, values } = await silent();
    const { url } = options.to as { readonly url: string };
    const command = ['heal', bucket, '--instance', instance, '--to', url, '--wait', '0s', '--yes'];
    const refused = await ceres(command);
    expect(refused.stderr).toContain(sink);
    expect([refused.exitCode, await values()]).toEqual([1, [-1, -1]]);
    expect(goingOn(refused.stderr)).toEqual([...command, '--accept', `silent/${sink}/${instance}`]);
    const { stdout: status } = await ceres(['status', bucket, '--instance', instance]);
    const finding = /silent\/[^\s)]+/.exec(status)?.[0] ?? '';
    expect(finding).toBe(`silent/${sink}/${instance}`);
    const healed = await ceres([...command, option, option === '--retired' ? sink : finding]);
    expect(healed.stdout).toMatch(/Wrote 2 values in 2 points\..*^EQUAL/ms);
    expect([healed.exitCode, await values()]).toEqual([0, [7, 101]]);
  });
});

describe.skipIf(!(await influxdAvailable()))('a heal from a backup with a lost and a damaged file', () => {
  /** The backup of three files has lost one, and another one holds nothing but zeros. */
  const spoiled = async () => {
    const ground = await healGround({ goesOn: true });
    const { bucket, sink, write } = ground;
    for (const n of [100, 101]) {
      await write(n, n);
      await sink.flush();
    }
    await sink.close();
    const names = (await readdir(join(bucket, instance), { recursive: true })).filter((name) => name.endsWith('.gz'));
    const [, lost = '', damaged = ''] = names.map((name) => `${instance}/${name}`).sort();
    await rm(join(bucket, lost));
    await writeFile(join(bucket, damaged), Buffer.alloc((await stat(join(bucket, damaged))).size));
    return { ...ground, lost, damaged };
  };

  it('refuses until both are accepted, and then heals from the rest', async () => {
    const { damaged, past, at, options, valueAt } = await spoiled();
    await past(`m,t=a v=-1 ${at(7)}`);
    await expect(heal(options)).rejects.toMatchObject(
      refusal(new RegExp(`^Nothing was written\\. Files.*damaged or missing.*: ${damaged} .*accept \\(--accept\\)`)),
    );
    const refused: unknown = await heal({ ...options, accept: [damaged] }).catch((error: Error) => error);
    expect(refused).toMatchObject(refusal(/^Nothing was written\. No ledger vouches.*: lost\/.*accept \(--accept\)/));
    const name = /lost\/\S+/.exec(String(refused))?.[0] ?? '';
    await expect(heal({ ...options, accept: [name] })).rejects.toMatchObject(refusal(/damaged or missing/));
    expect(await valueAt(7)).toBe(-1);
    const report = await heal({ ...options, accept: [damaged, name] });
    expect(report).toMatchObject({ outcome: 'NOT EQUAL', points: 1, values: 1, notCompared: [{ key: damaged }] });
    expect(report.left).toMatchObject({ missing: 0, different: 0, extra: 4 }); // the values of both files
    expect(await Promise.all([7, 100, 101].map((n) => valueAt(n)))).toEqual([7, 100, 101]);
  });

  it('names all that refuses it at once, with the command that goes on', async () => {
    const ground = await spoiled();
    const { bucket, damaged, past, at, options, valueAt } = ground;
    const { url } = options.to as { readonly url: string };
    const sink = await killedService(ground);
    await past(Array.from({ length: 11 }, (_, n) => `m,t=a v=-1 ${at(n)}`).join('\n'));
    hourLater();
    const command = ['heal', bucket, '--instance', instance, '--to', url, '--yes'];
    const refused = await ceres(command);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('Nothing was written.');
    expect(await valueAt(7)).toBe(-1);
    const words = goingOn(refused.stderr);
    const findings = [damaged, expect.stringMatching(/^lost\//), `silent/${sink}/${instance}`];
    expect(words.slice(command.length).filter((word) => word !== '--accept')).toEqual([...findings, '--large-damage']);
    for (const word of words.slice(command.length)) expect(refused.stderr.split('If all of this')[0]).toContain(word);
    const healed = await ceres(words);
    expect(healed.stderr).not.toContain('Nothing was written');
    expect(healed.stdout).toContain('Wrote 11 values in 11 points.');
    expect([healed.exitCode, await valueAt(7)]).toEqual([4, 7]);
  });
});
