// `npm run pictures`: makes the pictures of the page in `docs/pictures`, with the browser and the backups of the page's tests.
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findChromium } from '@ceres/testkit';
import { type Browser, chromium } from 'playwright-core';
import { createReport } from '../src/index';
import { empty, gappy, healthy, type Looked } from '../test/report/backups';

const docs = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url));
/** A picture that is larger would be slow to load. */
const bytesMax = 200_000;

interface Picture {
  readonly name: string;
  readonly make: () => Looked | Promise<Looked>;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
  /** What stands at the top. Default: the page's beginning. */
  readonly from?: string;
}

const pictures = [
  { name: 'healthy', make: healthy, width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'gappy', make: gappy, width: 1280, height: 900, colorScheme: 'light' },
  { name: 'gappy-calendar', make: gappy, width: 1280, height: 620, colorScheme: 'light', from: 'h3:has(bdi)' },
  { name: 'gappy', make: gappy, width: 390, height: 844, colorScheme: 'dark' },
  { name: 'gappy-calendar', make: gappy, width: 390, height: 844, colorScheme: 'dark', from: 'h3:has(bdi)' },
  { name: 'empty', make: empty, width: 390, height: 844, colorScheme: 'light' },
] as const satisfies readonly Picture[];

const folder = await mkdtemp(join(tmpdir(), 'ceres-pictures-'));
try {
  await rm(docs, { recursive: true, force: true });
  await mkdir(docs);
  const { executablePath, env } = await findChromium();
  const browser = await chromium.launch({ executablePath, env, args: ['--no-sandbox'] });
  for (const picture of pictures) await photograph(browser, picture);
  await browser.close();
  for (const file of await readdir(docs)) {
    const { size } = await stat(join(docs, file));
    console.log(`${file}: ${size} bytes`);
    if (size > bytesMax) throw new Error(`${file} has ${size} bytes, more than ${bytesMax}.`);
  }
} finally {
  await rm(folder, { recursive: true });
}

/** Opens the page about a backup on a screen, and makes a picture of what one sees first, or further down. */
async function photograph(browser: Browser, picture: Picture): Promise<void> {
  const { name, make, width, height, colorScheme, from } = picture;
  const { storage, nowMs } = await make();
  const options = { storage, backup: 'gs://my-bucket', goalMs: 3_600_000 };
  const { html } = await at(nowMs, async () => await createReport(options));
  const path = join(folder, `${name}.html`);
  await writeFile(path, html);
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(pathToFileURL(path).href);
  if (from !== undefined)
    await page
      .locator(from)
      .first()
      .evaluate((at) => at.scrollIntoView());
  await page.screenshot({ path: join(docs, `report-${name}-${width}-${colorScheme}.png`) });
  await page.close();
}

/** Does something at another time: the page shows how long ago things are. */
async function at<T>(nowMs: number, work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => nowMs;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}
