// `plan` and `task_card` blocks: tasks with a state, details that fold.
import { h, icon } from '../dom.js';
import { withEmoji } from '../emoji.js';
import { link } from '../mrkdwn.js';
import { richText } from './rich-text.js';

/**
 * @import { PlanBlock, TaskCardBlock } from '@slack/types'
 * @import { Directory } from '../mrkdwn.js'
 */

const STATES = { pending: 'pending', in_progress: 'in progress', complete: 'complete', error: 'failed' };

/**
 * @param {PlanBlock} block
 * @param {Directory} directory
 * @returns {HTMLElement}
 */
export function plan(block, directory) {
  const tasks = /** @type {TaskCardBlock[]} */ (block.tasks ?? []);
  const done = tasks.filter((task) => task.status === 'complete').length;
  return h(
    'div',
    { class: 'plan' },
    h(
      'div',
      { class: 'plan-head' },
      h('strong', null, withEmoji(String(block.title))),
      tasks.length > 0 ? h('span', { class: 'quiet' }, `${done} of ${tasks.length}`) : null,
    ),
    h(
      'ul',
      { class: 'tasks' },
      tasks.map((task) => h('li', null, taskCard(task, directory))),
    ),
  );
}

/**
 * @param {TaskCardBlock} task
 * @param {Directory} directory
 * @returns {HTMLElement}
 */
export function taskCard(task, directory) {
  const mark = h(
    'span',
    { class: `task-mark task-${task.status}`, role: 'img', 'aria-label': STATES[task.status] },
    task.status === 'complete' ? icon('check', 12) : task.status === 'error' ? icon('close', 12) : null,
  );
  const title = h('span', { class: 'task-title' }, withEmoji(String(task.title)));
  const inside = [
    task.details === undefined ? null : richText(task.details, directory),
    task.output === undefined ? null : richText(task.output, directory),
    (task.sources ?? []).map((source) => h('div', { class: 'task-source' }, link(source.url, source.text))),
  ];
  if (task.details === undefined && task.output === undefined && (task.sources ?? []).length === 0) {
    return h('div', { class: 'task' }, mark, title);
  }
  const open = task.status === 'in_progress' || task.status === 'error';
  return h(
    'details',
    { class: 'task', open },
    h('summary', null, mark, title),
    h('div', { class: 'task-inside' }, inside),
  );
}
