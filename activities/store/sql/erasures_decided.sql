-- Tombstones that the ledger itself bears out: the entry that they name is the approval, by the person whom they name.
SELECT e.stream FROM erasure e JOIN entry t ON t.stream = e.stream AND t.position = e.position
WHERE e.destroyed_at IS NOT NULL AND t.type = 'approve_erasure' AND t.actor = e.approved_by
