/** What a hypervisor says that it can do, cut down to what is asked of it. */
export const DOMAIN_CAPABILITIES = `<domainCapabilities>
  <path>/usr/bin/qemu-system-x86_64</path>
  <vcpu max='288'/>
  <iothreads supported='no'/>
  <os supported='yes'>
    <enum name='firmware'/>
    <loader supported='yes'><enum name='secure'><value>no</value></enum></loader>
  </os>
  <cpu>
    <mode name='host-passthrough' supported='no'/>
    <mode name='maximum' supported='yes'/>
    <mode name='host-model' supported='yes'><model fallback='forbid'>EPYC</model></mode>
    <mode name='custom' supported='yes'>
      <model usable='yes' vendor='unknown'>Nehalem</model>
      <model usable='no' vendor='Intel'>Skylake-Server</model>
    </mode>
  </cpu>
  <devices>
    <disk supported='yes'><enum name='bus'><value>virtio</value><value>sata</value></enum></disk>
    <graphics supported='no'/>
    <video supported='yes'><enum name='modelType'><value>vga</value></enum></video>
  </devices>
  <features>
    <vmcoreinfo supported='no'/>
    <hyperv supported='yes'><enum name='features'><value>relaxed</value><value>vapic</value></enum></hyperv>
  </features>
</domainCapabilities>`;
