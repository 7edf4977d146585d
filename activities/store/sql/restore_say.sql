SELECT set_config('offramp.restoring', 'on', true), set_config('timezone', 'UTC', true)
