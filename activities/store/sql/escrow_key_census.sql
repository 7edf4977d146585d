SELECT stream, sha256(wrapped) FROM key
