SELECT to_jsonb(staff) FROM staff ORDER BY person, valid_from
