import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Tombstones } from '../../services/compute/ports.js';

/** What every memory of destroyed instances promises. */
export function tombstonesContract(name: string, open: () => { tombstones: Tombstones; close: () => void }): void {
  describe(`tombstones contract: ${name}`, () => {
    const withTombstones = (check: (tombstones: Tombstones) => void) => {
      const { tombstones, close } = open();
      try {
        check(tombstones);
      } finally {
        close();
      }
    };

    test('an instance that was never destroyed has none', () => {
      withTombstones((tombstones) => assert.equal(tombstones.generationOf(randomUUID()), null));
    });

    test('the generation that was buried is remembered, for that instance alone', () => {
      withTombstones((tombstones) => {
        const [buried, other] = [randomUUID(), randomUUID()];
        tombstones.bury(buried, 3);
        assert.deepEqual([tombstones.generationOf(buried), tombstones.generationOf(other)], [3, null]);
      });
    });

    test('what a destroy buried first is remembered by its key, for that instance alone', () => {
      withTombstones((tombstones) => {
        const id = randomUUID();
        assert.equal(tombstones.buriedBy(id, 'k'), null);
        tombstones.bury(id, 2, 'k');
        tombstones.bury(id, 2, 'k');
        assert.deepEqual([tombstones.buriedBy(id, 'k'), tombstones.buriedBy(randomUUID(), 'k')], [2, null]);
      });
    });

    test('a later destroy of an older generation does not lower it', () => {
      withTombstones((tombstones) => {
        const id = randomUUID();
        for (const generation of [2, 5, 1]) tombstones.bury(id, generation);
        assert.equal(tombstones.generationOf(id), 5);
      });
    });
  });
}
