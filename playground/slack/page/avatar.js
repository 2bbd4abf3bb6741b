// Faces: the initials of a person on their colour, a drawn cube for the app.
import { h, icon } from './dom.js';

/**
 * @import { Person } from '../contract.ts'
 */

/**
 * @param {Person | undefined} person
 * @param {'large' | 'medium' | 'small'} [size]
 * @returns {HTMLElement}
 */
export function avatar(person, size = 'large') {
  const isApp = person?.kind === 'bot' || person?.kind === 'slackbot';
  const face = h(
    'span',
    { class: `avatar avatar-${size}${isApp ? ' avatar-app' : ''}`, 'aria-hidden': 'true' },
    isApp
      ? icon(person?.kind === 'bot' ? 'cube' : 'bolt', { large: 20, medium: 16, small: 12 }[size])
      : initials(person),
  );
  // Set as a property, not as a style attribute: the page's policy allows no inline styles.
  if (person !== undefined) face.style.setProperty('--face', person.color);
  return face;
}

/** @param {Person | undefined} person */
function initials(person) {
  const names = (person?.realName ?? '?').split(/\s+/);
  return `${names[0]?.charAt(0) ?? ''}${names.length > 1 ? (names.at(-1)?.charAt(0) ?? '') : ''}`.toUpperCase();
}
