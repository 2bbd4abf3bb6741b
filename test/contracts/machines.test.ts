// The Talos adapter under the contract of `Machines`, against the simulated cluster.
import { describe } from 'vitest';
import { machinesContract } from './machines.contract.ts';
import { openTalos } from './machines-under-test.ts';

describe('machines over the Talos API', { timeout: 40_000 }, () => machinesContract(openTalos));
