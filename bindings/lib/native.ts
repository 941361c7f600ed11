import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NativeFunctions } from '../generated/native-functions.js';
import type { AdminFunctions } from './native-admin.js';
import type { ByHandFunctions } from './native-by-hand.js';
import type { ValueFunctions } from './native-values.js';
import { askCredentials } from './credentials.js';
import { errorRaised } from './error-handler.js';
import { deliverEvent } from './registrations.js';
import { unpack } from './packed.js';
import { Failure } from './failure.js';
import { libvirtError, type LibvirtErrorTuple } from './libvirt-error.js';
import { noteLastError } from './last-error.js';

type Addon = NativeFunctions & ByHandFunctions & ValueFunctions & AdminFunctions;

const require = createRequire(import.meta.url);

/** The package's folder: this file runs as dist/lib/native.js. */
const packageFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

function loadAddon(): Addon {
  // Another build of the addon, for the sanitizer's run.
  const other = process.env['NOVALET_LIBVIRT_ADDON'];
  if (other !== undefined && other !== '') return require(other) as Addon;
  return (require('node-gyp-build') as (folder: string) => Addon)(packageFolder);
}

/** The addon's functions, under their C names. */
export const native: Addon = loadAddon();

const drain = (): void => native.drain();

native.setHooks(
  (failedFunction: string, message: string, err: LibvirtErrorTuple | null) => new Failure(failedFunction, message, err),
  (failedFunction: string, message: string, err: LibvirtErrorTuple | null) => {
    noteLastError(err);
    return new libvirtError(message, err, failedFunction);
  },
  (...items: unknown[]) => items,
  deliverEvent,
  (request: number, question: number, credentials: unknown[]) => {
    askCredentials(request, credentials, (answers) => native.answerCredentials(question, answers));
  },
  unpack,
  (_nothing: string, _message: string, err: LibvirtErrorTuple | null) => errorRaised(err),
  () => void setImmediate(drain),
);
