// The dock below: the simulated nodes as they are at this moment, etcd's quorum, and what can be broken.

import { refreshCluster } from './cluster-feed.js';
import { asSnapshot, countsOf, moodOf, newest, nextVersion, quorumOf } from './cluster-view.js';
import { byId, fill, h, icon } from './dom.js';
import { drawFaults, openFaults } from './fault-form.js';
import { keep, recall } from './keep.js';
import { session } from './session.js';

/**
 * @import { NodeView, WorldSnapshot } from '../../world/snapshot.ts'
 */

/** While something moves, its progress is read this often. */
const PROGRESS_EVERY_MS = 250;

/** @type {Map<string, { element: HTMLElement, signature: string }>} */
const cards = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

export function startPanel() {
  byId('dock-toggle').addEventListener('click', toggleDock);
  byId('dock-break').addEventListener('click', openFaults);
  setOpen(recall('dock') !== false);
}

export function toggleDock() {
  setOpen(byId('dock-body').hidden === true);
}

/** @param {boolean} open */
function setOpen(open) {
  byId('dock-body').hidden = !open;
  byId('dock').classList.toggle('open', open);
  byId('dock-toggle').setAttribute('aria-expanded', String(open));
  keep('dock', open);
}

export function drawPanel() {
  const snapshot = asSnapshot(session.cluster);
  byId('dock').hidden = snapshot === undefined && session.slackFaults.length === 0;
  drawFaults(snapshot);
  byId('dock').classList.toggle('empty-dock', snapshot === undefined);
  if (snapshot === undefined) {
    fill(
      byId('dock-summary'),
      h('span', { class: 'quiet' }, 'This local Slack runs without a simulated cluster.'),
    );
    return;
  }
  drawSummary(snapshot);
  drawNodes(snapshot);
  clearTimeout(timer);
  if (snapshot.nodes.some((node) => node.phase !== 'idle'))
    timer = setTimeout(() => void refreshCluster(), PROGRESS_EVERY_MS);
}

/** @param {WorldSnapshot} snapshot */
function drawSummary(snapshot) {
  byId('dock-name').textContent = snapshot.clusterName;
  const quorum = quorumOf(snapshot.etcd);
  const dots = snapshot.etcd.members.map((member) =>
    h('span', {
      class: `vote${member.up ? ' up' : ''}${member.learner ? ' learner' : ''}${member.alarm === null ? '' : ' alarm'}`,
      title: `${member.name}: ${member.up ? 'up' : 'down'}${member.learner ? ', learner' : ''}${member.alarm === null ? '' : `, ${member.alarm}`}`,
    }),
  );
  fill(
    byId('dock-summary'),
    h('span', { class: 'dock-nodes' }, snapshot.nodes.map(pip)),
    h(
      'span',
      { class: `quorum mood-${quorum.mood}` },
      h('span', { class: 'votes', 'aria-hidden': 'true' }, dots),
      h('span', null, h('strong', null, 'etcd'), ` ${quorum.words}`),
    ),
    h(
      'span',
      { class: 'leader quiet' },
      snapshot.etcd.leader === null
        ? 'no leader'
        : `leader ${snapshot.etcd.leader}, term ${snapshot.etcd.term}`,
    ),
    snapshot.faults.length > 0
      ? h(
          'span',
          { class: 'fault-count' },
          snapshot.faults.length === 1 ? '1 fault' : `${snapshot.faults.length} faults`,
        )
      : null,
  );
}

/** @param {NodeView} node */
function pip(node) {
  const { mood, words } = moodOf(node);
  return h('span', {
    class: `pip mood-${mood}`,
    title: `${node.name}: ${node.version}, ${words}`,
    role: 'img',
    'aria-label': `${node.name} ${words}`,
  });
}

/** @param {WorldSnapshot} snapshot */
function drawNodes(snapshot) {
  const host = byId('nodes');
  const top = newest(snapshot.nodes);
  const mixed = snapshot.nodes.some((node) => node.version !== top);
  for (const [role, title] of /** @type {const} */ ([
    ['control-plane', 'Control plane'],
    ['worker', 'Workers'],
  ])) {
    const nodes = snapshot.nodes.filter((node) => node.role === role);
    const group = groupOf(host, role, title);
    group.hidden = nodes.length === 0;
    const list = group.querySelector('.node-list');
    for (const node of nodes) {
      const leads = snapshot.etcd.leader === node.name;
      const fresh = mixed && node.version === top;
      const faults = snapshot.faults
        .filter((fault) => fault.params['node'] === node.name)
        .map((fault) => fault.name);
      // Progress moves its bar in place: a new card each time would restart its transition.
      const signature = JSON.stringify([{ ...node, progress: node.progress === null }, leads, fresh, faults]);
      const old = cards.get(node.name);
      if (old === undefined || old.signature !== signature) {
        const element = card(node, { leads, fresh, faults });
        if (old === undefined) list?.append(element);
        else old.element.replaceWith(element);
        cards.set(node.name, { element, signature });
      }
      const bar = cards.get(node.name)?.element.querySelector('.progress-bar');
      if (bar instanceof HTMLElement) bar.style.setProperty('--done', String(node.progress ?? 0));
    }
  }
  const names = new Set(snapshot.nodes.map((node) => node.name));
  for (const [name, { element }] of cards) {
    if (names.has(name)) continue;
    element.remove();
    cards.delete(name);
  }
}

/**
 * @param {HTMLElement} host
 * @param {string} role
 * @param {string} title
 * @returns {HTMLElement}
 */
function groupOf(host, role, title) {
  const known = host.querySelector(`[data-role="${role}"]`);
  if (known instanceof HTMLElement) return known;
  if (host.querySelector('[data-role]') === null) host.replaceChildren();
  const group = h(
    'section',
    { class: 'node-group', 'data-role': role, 'aria-label': title },
    h('h3', { class: 'node-group-title' }, title),
    h('ul', { class: 'node-list' }),
  );
  host.append(group);
  return group;
}

/**
 * @param {NodeView} node
 * @param {{ leads: boolean, fresh: boolean, faults: readonly string[] }} also
 * @returns {HTMLElement}
 */
function card(node, { leads, fresh, faults }) {
  const { mood, words } = moodOf(node);
  const next = nextVersion(node);
  const chips = [
    node.cordoned ? chip('cordoned', 'Kubernetes schedules nothing new here') : null,
    node.armed
      ? chip(next === undefined ? 'armed' : `next boot ${next}`, 'Installed, not rebooted', 'armed')
      : null,
    faults.map((name) => chip(name, 'An injected fault', 'fault')),
  ];
  const busy = node.progress !== null && node.phase !== 'idle';
  return h(
    'li',
    { class: `node mood-${mood}`, 'data-node': node.name },
    h(
      'div',
      { class: 'node-head' },
      h('span', { class: `pip mood-${mood}`, 'aria-hidden': 'true' }),
      h('strong', { class: 'node-name' }, node.name),
      leads
        ? h(
            'span',
            { class: 'crown', title: 'etcd leader', role: 'img', 'aria-label': 'etcd leader' },
            icon('crown', 15),
          )
        : null,
      h('span', { class: fresh ? 'node-version fresh' : 'node-version' }, node.version),
    ),
    h('div', { class: 'node-words' }, words),
    h(
      'div',
      {
        class: `progress${busy ? ' busy' : ''}`,
        role: 'progressbar',
        'aria-hidden': busy ? undefined : 'true',
        'aria-label': words,
      },
      h('div', { class: 'progress-bar' }),
    ),
    h('div', { class: 'chips' }, chips),
    h(
      'div',
      { class: 'node-counts' },
      countsOf(node.counters).map((one) => h('span', { class: one.startsWith('0') ? 'zero' : '' }, one)),
      h('span', { class: 'pods' }, `${node.pods} pods`),
    ),
  );
}

/**
 * @param {string} words
 * @param {string} title
 * @param {string} [kind]
 */
function chip(words, title, kind = 'plain') {
  return h('span', { class: `chip chip-${kind}`, title }, words);
}
