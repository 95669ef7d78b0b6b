import { readdirSync, readFileSync } from 'node:fs';
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { CronJob, Job } from 'kubernetes-models/batch/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PersistentVolumeClaim, Service, ServiceAccount } from 'kubernetes-models/v1';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { unknownFields } from './unknown-fields';

const models = { Deployment, StatefulSet, CronJob, Job, NetworkPolicy, PersistentVolumeClaim, Service, ServiceAccount };
const folder = new URL('../manifests/', import.meta.url);
const resources = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map((document) => ({ file, ...document.toJS() })),
);

describe('every manifest', () => {
  it.each(resources)('$file: $kind $metadata.name fits the schema of Kubernetes', ({ file, ...resource }) => {
    const Model = models[resource.kind as keyof typeof models];
    expect(resource.apiVersion).toBe(Model.apiVersion);
    // Validates the resource itself: the constructor would copy it and so read every field.
    const validate = (subject: object) => Model.prototype.validate.call(subject);
    expect(() => validate(resource)).not.toThrow();
    expect(unknownFields(resource, validate)).toEqual([]);
  });
});

it('the check finds a field that Kubernetes does not know, at any depth', () => {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: { accesModes: ['ReadWriteOnce'] } };
  const validate = (subject: object) => PersistentVolumeClaim.prototype.validate.call(subject);
  expect(unknownFields(claim, validate)).toEqual(['/spec/accesModes', '/spec/accesModes/0']);
});

const named = (kind: string) => resources.find((resource) => resource.kind === kind);

it.each(['StatefulSet', 'Job'])('the %s does not conclude from a late metadata server that there is none', (kind) => {
  const [container] = named(kind).spec.template.spec.containers;
  expect(container.env).toContainEqual({ name: 'METADATA_SERVER_DETECTION', value: 'assume-present' });
});

describe('the ingestion service', () => {
  const { spec } = named('StatefulSet');
  const [container] = spec.template.spec.containers;

  it('keeps its spool on a volume of the replica that outlives the pod', () => {
    const [claim] = spec.volumeClaimTemplates;
    const mount = container.volumeMounts.find(({ name }: { name: string }) => name === claim.metadata.name);
    const spoolDir = container.env.find(({ name }: { name: string }) => name === 'SPOOL_DIR').value;
    expect(spoolDir.startsWith(`${mount.mountPath}/`)).toBe(true);
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Retain', whenScaled: 'Retain' });
  });

  it('runs under an account that is not the restore’s', () => {
    expect(spec.template.spec.serviceAccountName).not.toBe(named('Job').spec.template.spec.serviceAccountName);
  });
});

describe('the restore', () => {
  const { spec } = named('Job');
  const [container] = spec.template.spec.containers;

  it('is suspended until someone starts it', () => {
    expect(spec.suspend).toBe(true);
  });

  it('gives every part of the plan to exactly one pod', () => {
    expect(spec.completionMode).toBe('Indexed');
    expect(container.args).toContain(`--shard=$(JOB_COMPLETION_INDEX)/${spec.completions}`);
    expect(container.volumeMounts[0].subPathExpr).toBe('$(JOB_COMPLETION_INDEX)');
  });
});

describe('the drill', () => {
  const { spec } = named('CronJob');
  const pod = spec.jobTemplate.spec.template.spec;
  const [container] = pod.containers;
  const [sidecar] = pod.initContainers;

  it('runs under an account of its own, and gets no credential of InfluxDB', () => {
    expect(['ingest', 'restore']).not.toContain(pod.serviceAccountName);
    const text = JSON.stringify(spec);
    for (const word of ['secretRef', 'secretKeyRef', 'envFrom', 'INFLUX_', 'influxdb-0.influxdb:'])
      expect(text).not.toContain(word);
  });

  it('brings its InfluxDB as a sidecar that lasts as long as the pod, on the loopback interface alone', () => {
    expect(sidecar.restartPolicy).toBe('Always');
    const env = Object.fromEntries(
      sidecar.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
    );
    expect(container.args).toContain(`--scratch-server=http://${env.INFLUXDB_HTTP_BIND_ADDRESS}`);
    expect(container.args).toContain(`--native=tcp://${env.INFLUXDB_BIND_ADDRESS}`);
    const folders = ['INFLUXDB_META_DIR', 'INFLUXDB_DATA_DIR', 'INFLUXDB_DATA_WAL_DIR'].map((name) => env[name]);
    const scratch = pod.volumes.find(({ emptyDir }: { emptyDir?: object }) => emptyDir !== undefined);
    for (const folder of folders) expect(folder?.startsWith(`${mountOf(sidecar, scratch.name)}/`)).toBe(true);
  });

  it('is not repeated after FAIL or INCONCLUSIVE, nor run twice at once', () => {
    expect([spec.jobTemplate.spec.backoffLimit, pod.restartPolicy, spec.concurrencyPolicy]).toEqual([
      0,
      'Never',
      'Forbid',
    ]);
  });

  it('keeps its certificates on a volume, where the status finds them', () => {
    const status = resources.find(({ metadata }) => metadata.name === 'backup-status').spec.jobTemplate.spec.template
      .spec;
    for (const { containers, volumes } of [pod, status]) {
      const volume = volumes.find(
        ({ persistentVolumeClaim }: { persistentVolumeClaim?: object }) => persistentVolumeClaim,
      );
      expect(volume.persistentVolumeClaim.claimName).toBe('drills');
      expect(containers[0].args).toContain(`--certificates=${mountOf(containers[0], volume.name)}`);
    }
  });
});

describe('the watch', () => {
  const { spec } = resources.find(({ kind, metadata }) => kind === 'CronJob' && metadata.name === 'watch');
  const pod = spec.jobTemplate.spec.template.spec;
  const [container] = pod.containers;

  it('keeps its state on a volume that outlives its pods, and its scratch data on one that does not', () => {
    const optionOf = (name: string) =>
      container.args.find((word: string) => word.startsWith(`${name}=`))?.slice(name.length + 1);
    const claimed = pod.volumes.filter(
      ({ persistentVolumeClaim }: { persistentVolumeClaim?: object }) => persistentVolumeClaim,
    );
    expect(claimed.map(({ name }: { name: string }) => name)).toEqual(['watch', 'metrics']);
    expect(optionOf('--state-file')?.startsWith(`${mountOf(container, 'watch')}/`)).toBe(true);
    expect(optionOf('--metrics')?.startsWith(`${mountOf(container, 'metrics')}/`)).toBe(true);
    expect(optionOf('--scratch-dir')).toBe(mountOf(container, 'scratch'));
  });

  it('is not run twice at once, nor repeated after an alarm', () => {
    expect([spec.jobTemplate.spec.backoffLimit, pod.restartPolicy, spec.concurrencyPolicy]).toEqual([
      0,
      'Never',
      'Forbid',
    ]);
  });

  it('has the secret of a reader alone, and the account that only reads', () => {
    expect(container.envFrom).toEqual([{ secretRef: { name: 'influxdb-reader', optional: true } }]);
    expect(pod.serviceAccountName).toBe('drill');
  });
});

describe.each([
  { name: 'backup-report', claim: 'report' },
  { name: 'backup-metrics', claim: 'metrics' },
])('$name', ({ name, claim }) => {
  const its = (kind: string) => resources.find((one) => one.kind === kind && one.metadata.name === name).spec;
  const { jobTemplate, concurrencyPolicy } = its('CronJob');
  const pod = jobTemplate.spec.template.spec;
  const [container] = pod.containers;
  const { selector, template } = its('Deployment');
  const server = template.spec;

  it('writes onto the volume that a server shows', () => {
    const [out] = container.args.filter((word: string) => word.startsWith('--out='));
    expect(out.startsWith(`--out=${mountOf(container, claim)}/`)).toBe(true);
    for (const { volumes } of [pod, server]) {
      expect(volumes.find((one: { name: string }) => one.name === claim).persistentVolumeClaim.claimName).toBe(claim);
    }
    const shown = JSON.stringify([server.containers[0].command, server.containers[0].args]);
    expect(shown).toContain(mountOf(server.containers[0], claim));
    expect(server.containers[0].volumeMounts).toEqual([{ name: claim, mountPath: `/${claim}`, readOnly: true }]);
    // A pod on another node must be able to mount it, and the one with the certificates, too.
    for (const volume of [claim, 'drills']) expect(claimOf(volume).spec.accessModes).toEqual(['ReadWriteMany']);
  });

  it('reads the certificates, and has the account that only reads, no secret, and one run at once', () => {
    expect(container.args).toContain(`--certificates=${mountOf(container, 'drills')}`);
    expect([pod.serviceAccountName, container.envFrom]).toEqual(['drill', undefined]);
    expect([jobTemplate.spec.backoffLimit, pod.restartPolicy, concurrencyPolicy]).toEqual([0, 'Never', 'Forbid']);
  });

  it('is shown by a server that has no account, and that its service finds', () => {
    expect([server.serviceAccountName, server.automountServiceAccountToken]).toEqual([undefined, false]);
    expect(template.metadata.labels).toEqual(selector.matchLabels);
    expect(its('Service').selector).toEqual(selector.matchLabels);
    const [port] = its('Service').ports;
    expect(server.containers[0].ports).toEqual([{ name: port.targetPort, containerPort: port.port }]);
    // Else the service would send requests to the pods of the jobs.
    expect(jobTemplate.spec.template.metadata.labels).not.toEqual(selector.matchLabels);
  });
});

function claimOf(name: string) {
  return resources.find(({ kind, metadata }) => kind === 'PersistentVolumeClaim' && metadata.name === name);
}

interface Mounting {
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

function mountOf({ volumeMounts }: Mounting, volume: string): string | undefined {
  return volumeMounts.find(({ name }) => name === volume)?.mountPath;
}
