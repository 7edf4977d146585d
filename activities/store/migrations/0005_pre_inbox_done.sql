-- A message that its reader put aside is kept, and no longer shown among what is new.

ALTER TABLE inbox ADD COLUMN done_at timestamptz CHECK (done_at >= put_at);
COMMENT ON COLUMN inbox.done_at IS 'When the person put the message aside; null: still to be seen to. Looking at a message sets nothing.';

GRANT UPDATE (done_at) ON inbox TO offramp_app;
