SELECT clock_timestamp(), staff.person, staff.roles, staff.organization
FROM (VALUES (0)) AS always
LEFT JOIN staff ON staff.person = ANY ($1::text[])
    AND staff.valid_from <= $2
    AND (staff.valid_until IS NULL OR staff.valid_until > $2)
