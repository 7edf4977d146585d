SELECT kept, kept_root, now, now_root, declared_by, approved_by, at, note FROM discontinuity ORDER BY at
