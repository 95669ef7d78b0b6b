import type { DayState } from './coverage';
import { dayStates, meanings } from './coverage';
import { type Html, html } from './html';

type Shown = Exclude<DayState, 'none'>;

/** The shape of each state in a cell of 1 by 1, so that it is told apart without its color. */
const shapes: Readonly<Record<Shown, Html>> = {
  stored: html`<rect x=".08" y=".08" width=".84" height=".84" rx=".12"/>`,
  quiet: html`<circle cx=".5" cy=".5" r=".16"/>`,
  late: html`<path d="M.5 .08L.95 .92H.05z"/>`,
  silent: html`<rect x=".05" y=".36" width=".9" height=".28"/>`,
  unvouched: html`<path fill-rule="evenodd" d="M.5 .05a.45 .45 0 1 0 .01 0zM.5 .26a.24 .24 0 1 1-.01 0z"/>`,
  lost: html`<path d="M.22 .05L.5 .33 .78 .05 .95 .22 .67 .5 .95 .78 .78 .95 .5 .67 .22 .95 .05 .78 .33 .5 .05 .22z"/>`,
  damaged: html`<path fill-rule="evenodd" d="M.5 0L1 .5 .5 1 0 .5zM.44 .22h.12v.34h-.12zM.44 .64h.12v.12h-.12z"/>`,
};

const states = dayStates.filter((state) => state !== 'none');

/** Defines the shapes; calendars of the whole page stroke their paths with them. */
export function shapeDefinitions(): Html {
  // The rows of a calendar have their middle at whole numbers: a pattern begins half a cell above.
  const patterns = states.map(
    (state) =>
      html`<pattern id="${state}" x="0" y="-.5" width="1" height="1" patternUnits="userSpaceOnUse"><g class="ink-${state}">${shapes[state]}</g></pattern>`,
  );
  return html`<svg class="shapes" width="0" height="0" aria-hidden="true" focusable="false"><defs>${patterns}</defs></svg>`;
}

/** Explains the shapes. */
export function legend(): Html {
  const entries = states.map(
    (state) =>
      html`<li><svg viewBox="0 0 1 1" width="14" height="14" aria-hidden="true"><g class="ink-${state}">${shapes[state]}</g></svg> <b>${state}</b>: ${meanings[state]}</li>`,
  );
  return html`<ul class="legend">${entries}</ul>`;
}
