SELECT kind, count(*) FROM obligation WHERE closed_at IS NULL AND due <= clock_timestamp() GROUP BY kind
