import { afterEach, describe, expect, it, vi } from 'vitest';
import { available } from '../src/servers/available';

const missing = () => Promise.reject(new Error('Get it with apt-get install it'));

describe('a test that needs a server', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('is skipped where the server is missing, with a notice that says how to get it', async () => {
    vi.stubEnv('CI', '');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(await available('a real server', missing)).toBe(false);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/SKIPPED: .*a real server.*apt-get install it/s),
    );
  });

  it('fails in CI where the server is missing', async () => {
    vi.stubEnv('CI', 'true');
    await expect(available('a real server', missing)).rejects.toThrow('apt-get install it');
  });

  it('runs without a notice where the server is found', async () => {
    const warn = vi.spyOn(console, 'warn');
    expect(await available('a real server', async () => 'found')).toBe(true);
    expect(warn).not.toHaveBeenCalled();
  });
});
