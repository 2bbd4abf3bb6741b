// What the suites about the upgrade mutex share: scenes that have one, and who holds it at every act.
import { expect } from 'vitest';
import type { AppendRequest } from '../../src/engine/ports/journal.ts';
import type { StepFacts } from '../../src/rollout/step.ts';
import { aSmallScene, type Scene, type SceneOptions } from './scene.ts';

export const LEGACY = {
  goal: { kind: 'upgrade-talos', version: 'v1.12.6' },
  world: { talosVersion: 'v1.12.4' },
} as const;
/** Acts on control-plane nodes that nobody else may do at the same time. */
export const GUARDED = ['cordon', 'evict', 'install', 'forfeitLeadership', 'reboot', 'rollback'];

export const guarded = (options: SceneOptions = {}): Scene => aSmallScene({ guarded: true, ...options });

/** What the steps of a node were begun with, by the end of their ids. */
export function begunOf(scene: Scene, node: string): Readonly<Record<string, StepFacts>> {
  return Object.fromEntries(
    scene
      .facts('step-begun')
      .filter(({ step }) => step.includes(`-${node}-`))
      .map(({ step, evidence }) => [step.split(`-${node}-`)[1] ?? '', evidence]),
  );
}

/** Notes who holds the mutex at every act on a node of the control plane, as `reboot cp-1: worker-1`. */
export function watchedActs(scene: Scene, of: readonly string[] = GUARDED): readonly string[] {
  const seen: string[] = [];
  scene.tap({
    before: ({ method, args: [subject] }) => {
      if (!of.includes(method)) return;
      const name =
        typeof subject === 'object' && subject !== null && 'node' in subject ? subject.node : subject;
      const node = scene.house.world.find(String(name))?.node.name ?? String(name);
      if (node.startsWith('cp-')) seen.push(`${method} ${node}: ${scene.house.mutex.owner ?? 'nobody'}`);
    },
  });
  return seen;
}

/** Whether an append writes down that this step is begun. */
export function begins(request: unknown, step: string): boolean {
  const { events } = request as AppendRequest;
  return events.some((event) => event.kind === 'step-begun' && event.step.endsWith(step));
}

export function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.audit.broken).toEqual([]);
  expect(scene.house.mutex.owner).toBeNull();
}
