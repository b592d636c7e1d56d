-- One row for each line of the audit: an intent before every write, an outcome after every call.
CREATE TABLE hub.audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  call_id text NOT NULL,
  phase text NOT NULL CHECK (phase IN ('intent', 'outcome')),
  principal text NOT NULL,
  organisation text NOT NULL,
  credential text NOT NULL,
  role text NOT NULL,
  tool text NOT NULL,
  connector text NOT NULL,
  effect text NOT NULL,
  -- json, not jsonb: numbers and text stay as the caller wrote them.
  args json,
  status text,
  duration_ms double precision,
  cache text
);

-- Lines come in the order of time: a BRIN index finds a span of it, for reports and retention, at next to no cost per line.
CREATE INDEX audit_at ON hub.audit USING brin (at) WITH (pages_per_range = 32, autosummarize = on);
-- "What did this caller do last?", within the organisation.
CREATE INDEX audit_principal ON hub.audit (organisation, principal, at);
-- Writes and failures are few and looked for most: indexes on them alone cost reads nothing.
CREATE INDEX audit_call ON hub.audit (call_id) WHERE effect <> 'read';
CREATE INDEX audit_writes ON hub.audit (tool, at) WHERE effect <> 'read';
CREATE INDEX audit_failures ON hub.audit (tool, at) WHERE status <> 'ok';

-- The key itself is not here, only the SHA-256 of its secret.
CREATE TABLE hub.api_keys (
  id text PRIMARY KEY,
  name text NOT NULL,
  hash text NOT NULL,
  organisation text NOT NULL,
  role text NOT NULL,
  scopes text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
