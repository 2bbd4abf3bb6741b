import { upgrade } from './scenarios/upgrades.ts';
import { runScenario } from './scenarios/run.ts';
const r = await runScenario({ ...upgrade, world: { talosVersion: 'v1.13.4', schematic: '' } }, { options: { seed: 3, size: { controlPlanes: 1, workers: 1 }, rebootMs: null }, say: (l) => console.log(l.slice(0, 300)), onLog: () => undefined, patienceMs: 6000 });
console.log(JSON.stringify(r).slice(0, 600));
const s = await runScenario({ ...upgrade, world: { talosVersion: 'v1.13.4', schematic: '' } }, { options: { seed: 3, size: null, rebootMs: null }, say: () => undefined, onLog: () => undefined });
console.log(s.ok, s.missed, s.nodes[0]?.toSchematic);
