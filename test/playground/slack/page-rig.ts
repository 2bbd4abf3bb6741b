// A real browser in front of the local Slack: one Chromium for a test file, a fresh context for each test.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { RunningSlack } from '../../../playground/slack/slack.ts';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Every wait in the page: generous on a busy machine, far below a test's own limit. */
const WAIT_LIMIT_MS = 20_000;

export const hasBrowser = existsSync(CHROMIUM);

/** For the names of suites, so that a skipped one says why. */
export const browserNote = hasBrowser
  ? ''
  : ` (skipped: no Chromium at ${CHROMIUM}; CHROMIUM_PATH names another)`;

let browser: Browser | undefined;
let contexts: BrowserContext[] = [];

/** The page of this Slack, ready to type into. Whatever goes wrong in its scripts ends up in `problems`. */
export const pageOf = async (
  slack: RunningSlack,
  problems: string[] = [],
  prepared: (page: Page) => Promise<unknown> = async () => undefined,
): Promise<Page> => {
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
  });
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_LIMIT_MS);
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  await prepared(page);
  await page.goto(slack.url);
  await page.locator('#beginning').waitFor();
  return page;
};

/** To be called after each test. */
export const closePages = async (): Promise<void> => {
  for (const context of contexts) await context.close();
  contexts = [];
};

/** To be called after all tests of a file. */
export const closeBrowser = async (): Promise<void> => {
  await browser?.close();
  browser = undefined;
};

/** A name, where the page holds it in several places: only in the list of messages. */
export const messages = (page: Page) => page.locator('#messages');
