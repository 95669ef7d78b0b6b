import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumAvailable, findChromium } from '@ceres/testkit';
import axe, { type AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createReport } from '../../src/index';
import { empty, gappy, healthy, type Looked } from './backups';

const hostile = '<script>alert(1)</script>"\'&\u202e\u0007<img src=x onerror=alert(1)>';

const backups: Readonly<Record<string, () => Looked | Promise<Looked>>> = {
  healthy,
  gappy,
  empty,
  hostile: () => healthy({ days: 10, names: [hostile, 'x'.repeat(200)] }),
};

const screens = [1280, 390].flatMap((width) => [
  { width, colorScheme: 'light' as const },
  { width, colorScheme: 'dark' as const },
]);
const papers = [
  { width: 1280, colorScheme: 'light', media: 'screen' },
  { width: 390, colorScheme: 'dark', media: 'screen' },
  { width: 794, colorScheme: 'light', media: 'print' },
] as const;

afterEach(() => void vi.useRealTimers());

describe.skipIf(!(await chromiumAvailable()))('the page, in a browser,', () => {
  let browser: Browser;
  let folder: string;
  const paths = new Map<string, string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-report-'));
    for (const [name, make] of Object.entries(backups)) {
      const { storage, nowMs } = await make();
      vi.useFakeTimers({ now: nowMs, toFake: ['Date'] });
      const { html } = await createReport({ storage, backup: 'gs://my-bucket', goalMs: 3_600_000 });
      vi.useRealTimers();
      const path = join(folder, `${name}.html`);
      await writeFile(path, html);
      paths.set(name, path);
    }
    const { executablePath, env } = await findChromium();
    browser = await chromium.launch({ executablePath, env, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  /** Opens a page, and notes whatever it says or asks for. */
  async function open(name: string, options: BrowserContextOptions): Promise<{ page: Page; noted: string[] }> {
    const page = await (await browser.newContext(options)).newPage();
    const noted: string[] = [];
    page.on('console', (message) => noted.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => noted.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => noted.push(`dialog: ${dialog.message()}`));
    const url = pathToFileURL(paths.get(name) ?? '').href;
    page.on('request', (request) => {
      if (request.url() !== url) noted.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    return { page, noted };
  }

  const cases = Object.keys(backups).flatMap((name) => screens.map((screen) => ({ name, ...screen })));

  it.each(cases)(
    'of a backup that is $name, $width wide and $colorScheme, says nothing, asks for nothing, fits, and is accessible',
    async ({ name, width, colorScheme }) => {
      const { page, noted } = await open(name, { viewport: { width, height: 900 }, colorScheme });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.evaluate(axe.source);
      const { violations, passes } = (await page.evaluate('axe.run()')) as AxeResults;
      const failures = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
      expect(failures).toEqual([]);
      expect(passes.map(({ id }) => id)).toContain('color-contrast');
      expect(noted).toEqual([]);
      await page.context().close();
    },
  );

  it.each(papers)(
    'paints every state with a shape, each of which can be seen: $media, $width wide, $colorScheme',
    async (paper) => {
      const { page } = await open('gappy', { ...paper, viewport: { width: paper.width, height: 900 } });
      await page.emulateMedia({ media: paper.media });
      const calendar = page.locator('main');
      let seen = await calendar.screenshot();
      for (const state of ['stored', 'quiet', 'late', 'silent', 'unvouched', 'lost', 'damaged']) {
        expect(await page.locator(`.days path.${state}`).count(), state).toBeGreaterThan(0);
        await page.evaluate(`document.querySelectorAll('.days path.${state}').forEach((path) => path.remove())`);
        const without = await calendar.screenshot();
        expect(without.equals(seen), state).toBe(false);
        seen = without;
      }
      expect((await calendar.screenshot()).equals(seen)).toBe(true); // two pictures of the same are the same
      await page.context().close();
    },
  );

  it('is dark ink on white paper when it is printed, whatever the screen prefers', async () => {
    const { page } = await open('gappy', { colorScheme: 'dark' });
    const script = '(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.body))';
    const colors = () => page.evaluate(script);
    expect(await colors()).toEqual(['rgb(15, 20, 25)', 'rgb(230, 233, 237)']);
    await page.emulateMedia({ media: 'print' });
    expect(await colors()).toEqual(['rgb(255, 255, 255)', 'rgb(28, 33, 40)']);
    expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
    await page.context().close();
  });

  it('shows hostile names as text: cut, and with what does not show as escapes', async () => {
    const { page, noted } = await open('hostile', {});
    const titles = await page.locator('h3 bdi').allTextContents();
    expect(titles).toContain('<script>alert(1)</script>"\'&\\u{202e}\\u{7}<img src=x onerror=alert(1)>');
    expect(titles).toContain(`${'x'.repeat(120)}… (200 characters)`);
    expect(await page.locator('script, img').count()).toBe(0);
    expect(noted).toEqual([]);
    await page.context().close();
  });
});
