import { describe, expect, it } from 'vitest';
import { dayStates, meanings } from '../../src/report/coverage';
import { legend, shapeDefinitions } from '../../src/report/shapes';
import { style } from '../../src/report/style';

const states = dayStates.filter((state) => state !== 'none');

/** Returns the shape in the calendar and in the legend, each with the class of its ink. */
function drawnAs(state: string): { readonly calendar: string | undefined; readonly legend: string | undefined } {
  const definition = new RegExp(
    `<pattern id="${state}" x="0" y="-\\.5" width="1" height="1" patternUnits="userSpaceOnUse">(.*?)</pattern>`,
  );
  const entry = legend()
    .text.split('<li>')
    .find((text) => text.includes(`<b>${state}</b>`));
  return {
    calendar: definition.exec(shapeDefinitions().text)?.[1],
    legend: /^<svg [^>]*aria-hidden="true">(.*)<\/svg> <b>/.exec(entry ?? '')?.[1],
  };
}

describe('the shape of a state', () => {
  it.each(states)('%s is the same in the calendar and in the legend, and has its own ink', (state) => {
    const { calendar, legend } = drawnAs(state);
    expect(calendar).toMatch(new RegExp(`^<g class="ink-${state}"><\\w+ .*/></g>$`));
    expect(legend).toBe(calendar);
    expect(style).toContain(`.${state}{stroke:url(#${state});stroke-width:1}.ink-${state}{fill:var(--${state})}`);
  });

  it('is another one than that of each other state, without its color', () => {
    const shapes = states.map((state) => drawnAs(state).calendar?.replace(/class="[^"]*"/, ''));
    expect(new Set(shapes).size).toBe(states.length);
  });

  it('says what kind of day it stands for', () => {
    const stored = drawnAs('stored').calendar ?? '';
    expect(stored).toContain('<rect');
    expect(drawnAs('quiet').calendar).toContain('<circle');
    expect(drawnAs('lost').calendar).toMatch(/<path d="M\.22 \.05/); // a cross
    const text = legend().text;
    for (const state of states) expect(text).toContain(`<b>${state}</b>: ${meanings[state]}</li>`);
    expect(text.split('<li>')).toHaveLength(states.length + 1);
    expect(shapeDefinitions().text).toContain('aria-hidden="true"');
  });
});

it.each([
  ['stored', /files were stored/],
  ['quiet', /nothing was written/],
  ['late', /wait in a spool/],
  ['silent', /a sink did not say anything/],
  ['unvouched', /no ledger/],
  ['lost', /that are gone/],
  ['damaged', /not as they were stored/],
])('the legend says of %s what it means, and of no other', (state, meaning) => {
  const entries = legend().text.split('<li>').slice(1);
  expect(entries.filter((entry) => meaning.test(entry)).map((entry) => /<b>(\w+)/.exec(entry)?.[1])).toEqual([state]);
});

/** Returns the colors of one scheme: light, dark, and the one for paper. */
function schemes(): readonly Readonly<Record<string, string>>[] {
  return [...style.matchAll(/:root\{([^}]*)\}/g)].map(([, text = '']) =>
    Object.fromEntries([...text.matchAll(/--(\w+):(#[0-9a-f]+)/g)].map(([, name = '', color = '']) => [name, color])),
  );
}

/** Returns the contrast of two colors: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [a, b].map(luminance).sort((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const digits = color.length === 4 ? color.replace(/[0-9a-f]/g, '$&$&') : color;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('the colors of the page', () => {
  it('are one scheme for light, one for dark, and the light one on paper', () => {
    const [light, dark, paper] = schemes();
    expect(schemes()).toHaveLength(3);
    expect(paper).toEqual(light);
    expect(dark).not.toEqual(light);
    expect(style).toMatch(/@media \(prefers-color-scheme:dark\)\{:root\{/);
    expect(style).toMatch(/@media print\{:root\{color-scheme:light;/);
  });

  it('of each state can be seen on the page and behind the calendar, and is another one than that of each other', () => {
    for (const scheme of schemes()) {
      for (const state of states) {
        const color = scheme[state] ?? '';
        for (const ground of ['page', 'panel']) {
          expect(contrast(color, scheme[ground] ?? ''), `${state} ${color} on ${ground}`).toBeGreaterThanOrEqual(3);
        }
      }
      expect(new Set(states.map((state) => scheme[state])).size).toBe(states.length);
    }
  });

  it('of text can be read on the page and in a box', () => {
    for (const scheme of schemes()) {
      for (const name of ['text', 'soft', 'good', 'bad']) {
        for (const ground of ['page', 'panel']) {
          expect(contrast(scheme[name] ?? '', scheme[ground] ?? ''), `${name} on ${ground}`).toBeGreaterThanOrEqual(
            4.5,
          );
        }
      }
      expect(scheme.good).not.toBe(scheme.bad);
    }
    expect(style).toContain('.good{color:var(--good)}.bad{color:var(--bad)}');
  });

  it('paint the bars of hours, the times of drills and the goal', () => {
    expect(style).toContain('.bars{fill:var(--stored)}');
    expect(style).toMatch(
      /\.bar\{stroke:var\(--stored\);stroke-width:8\}\.goal\{stroke:var\(--text\);stroke-width:2\}/,
    );
  });

  it('ask for nothing from elsewhere', () => {
    expect(style.replaceAll(/url\(#\w+\)/g, '')).not.toMatch(/url\(|@import|@font-face/);
  });
});
