import { constants } from 'node:os';

/** A resource of the host that is used up, as libvirt and QEMU tell of it: by errno where libvirt gives one, else by its words alone. */
interface UsedUp {
  readonly errno?: number;
  /** At the end of a line, behind a colon, where both put what the C library said; nothing that a user names stands there. */
  readonly words: string;
}

/**
 * libvirt has one number for this, VIR_ERR_NO_MEMORY, and seldom uses it: a start that fails for want of something comes as
 * VIR_ERR_INTERNAL_ERROR with the last words of QEMU (which libvirt starts under LC_ALL=C), or as VIR_ERR_SYSTEM_ERROR with errno in int1.
 */
const USED_UP: readonly UsedUp[] = [
  // QEMU softmmu/physmem.c "cannot set up guest memory 'pc.ram': …", "unable to map backing store for guest RAM: …"; libvirt on fork.
  { errno: constants.errno.ENOMEM, words: 'Cannot allocate memory' },
  // libvirt's files of a domain (its XML, status, log), QEMU's pid file and sockets.
  { errno: constants.errno.ENOSPC, words: 'No space left on device' },
  { errno: constants.errno.EDQUOT, words: 'Disk quota exceeded' },
  // Of a process, and of the whole system.
  { errno: constants.errno.EMFILE, words: 'Too many open files' },
  { errno: constants.errno.ENFILE, words: 'Too many open files in system' },
  // EAGAIN means many things; of a new process or thread it means that there are too many. libvirt src/util/vircommand.c virFork, QEMU
  // util/qemu-thread-posix.c qemu_thread_create.
  { words: 'cannot fork child process: Resource temporarily unavailable' },
  { words: 'qemu_thread_create: Resource temporarily unavailable' },
];

const ERRNOS: ReadonlySet<number> = new Set(USED_UP.flatMap(({ errno }) => errno ?? []));
const WORDS = new RegExp(`(?:^|: )(?:${USED_UP.map(({ words }) => words).join('|')})$`, 'm');

/** Whether a failure says that memory, room or another resource of the host is used up. */
export function isUsedUp(message: string, errno?: number): boolean {
  return (errno !== undefined && ERRNOS.has(errno)) || WORDS.test(message);
}
