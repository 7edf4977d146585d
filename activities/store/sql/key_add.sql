-- A stream whose key was destroyed gets no other; nor does one that has entries already, whose key was lost: what is sealed in them needs that very key.
INSERT INTO key (stream, key_id, wrapped, commitment)
SELECT $1, $2, $3, $4
WHERE NOT EXISTS (SELECT FROM erasure WHERE stream = $1) AND NOT EXISTS (SELECT FROM entry WHERE stream = $1)
ON CONFLICT (stream) DO NOTHING
