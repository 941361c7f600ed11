{
  'includes': ['addon.gypi'],
  'targets': [{ 'target_name': 'novalet_libvirt' }],
}
