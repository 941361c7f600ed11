# The addon under AddressSanitizer, beside the ordinary one: node-gyp builds into the folder of its binding.gyp.
{
  'includes': ['../addon.gypi'],
  'targets': [
    {
      'target_name': 'novalet_libvirt',
      'cflags!': ['-O2'],
      'cflags': ['-fsanitize=address', '-fno-omit-frame-pointer', '-g', '-O1'],
      'ldflags': ['-fsanitize=address'],
    },
  ],
}
