import { type DomainPlan, onQemu } from './plan.js';

/** One socket, because guests that count sockets charge for them. Under TCG everything that it can emulate. */
export function cpu(plan: DomainPlan) {
  const { virtType, spec } = plan;
  if (!spec.cpu && !onQemu(plan)) return {};
  const {
    mode = virtType === 'kvm' ? 'host-model' : 'maximum',
    model,
    features = [],
    topology = { cores: spec.maxVcpus ?? spec.vcpus },
  } = spec.cpu ?? {};
  const { sockets = 1, dies = 1, cores = 1, threads = 1 } = topology;
  return {
    cpu: {
      '@mode': mode,
      ...(model !== undefined && { '@match': 'exact', model: { '@fallback': 'forbid', '#text': model } }),
      topology: { '@sockets': sockets, '@dies': dies, '@cores': cores, '@threads': threads },
      feature: features.map((feature) => ({ '@policy': feature.startsWith('+') ? 'require' : 'disable', '@name': feature.slice(1) })),
    },
  };
}
