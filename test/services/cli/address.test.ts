import assert from 'node:assert/strict';
import test from 'node:test';
import { parseAddress, shownAddress, target } from '../../../services/cli/address.js';

test('a socket is named by its path, or as gRPC does it', () => {
  for (const text of ['/run/novalet/compute.sock', 'unix:/run/novalet/compute.sock', 'unix:///run/novalet/compute.sock']) {
    assert.equal(target(parseAddress(text)), 'unix:/run/novalet/compute.sock');
  }
});

test('a machine is named by its name or number, and a port', () => {
  assert.equal(target(parseAddress('host-1.example:7443')), 'dns:///host-1.example:7443');
  assert.equal(shownAddress(parseAddress('[::1]:7443')), '[::1]:7443');
});

test('an address that is none says what one looks like', () => {
  for (const text of ['', 'host', 'host:0', 'host:70000', 'unix:relative.sock', 'http://host:1', 'a b:1']) {
    assert.throws(() => parseAddress(text), { kind: 'invalid', message: /wanted: unix:\/path/ }, text);
  }
});
