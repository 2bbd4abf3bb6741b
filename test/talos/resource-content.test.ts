// A resource's content comes in two forms; the YAML beside the binary one changes shape between versions and counts for nothing.
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { MemberSpecSchema } from '../../src/talos/gen/resource/definitions/cluster/cluster_pb.ts';
import { MachineType } from '../../src/talos/gen/resource/definitions/enums/enums_pb.ts';
import { machinesAt, running } from './machine.ts';

it('a resource is read from its binary form, whatever its YAML says', async () => {
  const spec = create(MemberSpecSchema, {
    machineType: MachineType.TYPE_WORKER,
    addresses: [{ ip: Uint8Array.of(10, 0, 0, 4) }],
  });
  const protoSpec = toBinary(MemberSpecSchema, spec);
  const machine = await running({
    state: {
      list: (call) => {
        const yamlSpec = 'machineType: controlplane\naddresses: [10.0.0.1]\n';
        call.write({
          resource: { metadata: { id: 'w-1', phase: 'running' }, spec: { protoSpec, yamlSpec } },
        });
        call.end();
      },
    },
  });
  await expect(machinesAt([machine.port]).members()).resolves.toMatchObject([
    { name: 'w-1', addresses: ['10.0.0.4'], role: 'worker' },
  ]);
});
