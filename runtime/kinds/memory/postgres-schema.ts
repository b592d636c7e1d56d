/** The version of the tables and functions below. Raised with every change of them; a change keeps what older hubs call. */
export const schemaVersion = 1

// Texts are compared byte by byte (COLLATE "C"); times are epoch milliseconds of the server's clock, or of a clock handed in. Values are JSON texts, so that no digit is lost.
// Every write first takes the row of its space, so that counts and versions are exact.
const tables = `
CREATE TABLE IF NOT EXISTS spaces (
  space text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL DEFAULT 0, keys bigint NOT NULL DEFAULT 0, bytes bigint NOT NULL DEFAULT 0,
  analysis bigint NOT NULL DEFAULT 0, analyses bigint NOT NULL DEFAULT 0, analysis_bytes bigint NOT NULL DEFAULT 0,
  signal bigint NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS state (
  space text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, value text NOT NULL, version bigint NOT NULL, bytes bigint NOT NULL,
  created_at bigint NOT NULL, updated_at bigint NOT NULL, expires_at bigint,
  PRIMARY KEY (space, key)
);
CREATE INDEX IF NOT EXISTS state_ends ON state (space, expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS state_ended ON state (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS analyses (
  space text COLLATE "C" NOT NULL, id bigint NOT NULL, at bigint NOT NULL, symbol text COLLATE "C" NOT NULL, timeframe text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL,
  body text NOT NULL, bytes bigint NOT NULL, by text NOT NULL, recorded_at bigint NOT NULL, expires_at bigint NOT NULL,
  PRIMARY KEY (space, id)
);
CREATE INDEX IF NOT EXISTS analyses_by_time ON analyses (space, at DESC, id DESC);
CREATE INDEX IF NOT EXISTS analyses_by_symbol ON analyses (space, symbol, at DESC, id DESC);
CREATE INDEX IF NOT EXISTS analyses_ended ON analyses (expires_at);
CREATE TABLE IF NOT EXISTS channels (
  space text COLLATE "C" NOT NULL, channel text COLLATE "C" NOT NULL, dropped bigint NOT NULL, newest bigint NOT NULL, expires_at bigint NOT NULL,
  PRIMARY KEY (space, channel)
);
CREATE INDEX IF NOT EXISTS channels_ended ON channels (expires_at);
CREATE TABLE IF NOT EXISTS signals (
  space text COLLATE "C" NOT NULL, channel text COLLATE "C" NOT NULL, id bigint NOT NULL, body text NOT NULL, bytes bigint NOT NULL, by text NOT NULL,
  published_at bigint NOT NULL, expires_at bigint NOT NULL,
  PRIMARY KEY (space, channel, id)
);
CREATE INDEX IF NOT EXISTS signals_ended ON signals (expires_at);
CREATE TABLE IF NOT EXISTS marks (
  space text COLLATE "C" NOT NULL, channel text COLLATE "C" NOT NULL, reader text COLLATE "C" NOT NULL, cursor bigint NOT NULL, expires_at bigint NOT NULL,
  PRIMARY KEY (space, channel, reader)
);
CREATE INDEX IF NOT EXISTS marks_ended ON marks (expires_at);
`

const time = `
CREATE OR REPLACE FUNCTION SCHEMA.now_ms(given bigint) RETURNS bigint LANGUAGE sql VOLATILE AS
  $$ SELECT coalesce(given, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) $$;
CREATE OR REPLACE FUNCTION SCHEMA.enter(p_space text) RETURNS SCHEMA.spaces LANGUAGE plpgsql AS $$
DECLARE here SCHEMA.spaces;
BEGIN
  SELECT * INTO here FROM SCHEMA.spaces WHERE space = p_space FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO SCHEMA.spaces (space) VALUES (p_space) ON CONFLICT DO NOTHING;
    SELECT * INTO here FROM SCHEMA.spaces WHERE space = p_space FOR UPDATE;
  END IF;
  RETURN here;
END $$;
`

const state = `
CREATE OR REPLACE FUNCTION SCHEMA.set_state(p_now bigint, p_space text, p_key text, p_value text, p_bytes bigint, p_ttl text, p_if bigint, p_max_keys bigint, p_max_bytes bigint, p_topic text,
  OUT word text, OUT first bigint, OUT second bigint, OUT third bigint) LANGUAGE plpgsql AS $$
DECLARE
  here SCHEMA.spaces; old SCHEMA.state; moment bigint; ended bigint; freed bigint; held bigint; ends bigint;
BEGIN
  here := SCHEMA.enter(p_space);
  moment := SCHEMA.now_ms(p_now);
  WITH gone AS (DELETE FROM SCHEMA.state WHERE space = p_space AND expires_at <= moment RETURNING bytes) SELECT count(*), coalesce(sum(bytes), 0) INTO ended, freed FROM gone;
  here.keys := here.keys - ended;
  here.bytes := here.bytes - freed;
  SELECT * INTO old FROM SCHEMA.state WHERE space = p_space AND key = p_key;
  IF NOT FOUND THEN old := NULL; END IF;
  held := coalesce(old.bytes, 0);
  IF p_if IS NOT NULL AND p_if <> coalesce(old.version, 0) THEN
    word := 'conflict'; first := coalesce(old.version, 0);
  ELSIF old.key IS NULL AND here.keys >= p_max_keys THEN
    word := 'keys'; first := here.keys; second := here.bytes;
  ELSIF p_bytes > held AND here.bytes + p_bytes - held > p_max_bytes THEN
    word := 'bytes'; first := here.keys; second := here.bytes;
  ELSE
    IF old.key IS NULL THEN here.keys := here.keys + 1; END IF;
    here.bytes := here.bytes + p_bytes - held;
    here.version := here.version + 1;
    ends := CASE WHEN p_ttl = 'keep' THEN old.expires_at WHEN p_ttl IS NULL THEN NULL ELSE moment + p_ttl::bigint END;
    INSERT INTO SCHEMA.state AS s VALUES (p_space, p_key, p_value, here.version, p_bytes, moment, moment, ends)
      ON CONFLICT (space, key) DO UPDATE SET value = excluded.value, version = excluded.version, bytes = excluded.bytes, updated_at = excluded.updated_at, expires_at = excluded.expires_at;
    PERFORM pg_notify('SCHEMA', p_topic);
    word := 'done'; first := here.version; second := moment; third := ends;
  END IF;
  IF word = 'done' OR ended > 0 THEN
    UPDATE SCHEMA.spaces SET version = here.version, keys = here.keys, bytes = here.bytes WHERE space = p_space;
  END IF;
END $$;
CREATE OR REPLACE FUNCTION SCHEMA.delete_state(p_now bigint, p_space text, p_key text, p_if bigint, p_topic text, OUT version bigint, OUT deleted boolean) LANGUAGE plpgsql AS $$
DECLARE here SCHEMA.spaces; old SCHEMA.state;
BEGIN
  here := SCHEMA.enter(p_space);
  SELECT * INTO old FROM SCHEMA.state s WHERE s.space = p_space AND s.key = p_key AND (s.expires_at IS NULL OR s.expires_at > SCHEMA.now_ms(p_now));
  version := coalesce(old.version, 0);
  deleted := version > 0 AND (p_if IS NULL OR p_if = version);
  IF deleted THEN
    DELETE FROM SCHEMA.state s WHERE s.space = p_space AND s.key = p_key;
    UPDATE SCHEMA.spaces s SET keys = s.keys - 1, bytes = s.bytes - old.bytes WHERE s.space = p_space;
    PERFORM pg_notify('SCHEMA', p_topic);
  END IF;
END $$;
`

const history = `
CREATE OR REPLACE FUNCTION SCHEMA.append_analysis(p_now bigint, p_space text, p_at bigint, p_symbol text, p_timeframe text, p_kind text, p_by text, p_body text, p_bytes bigint, p_retention bigint,
  p_max bigint, p_max_bytes bigint, OUT id bigint, OUT at bigint, OUT recorded bigint, OUT ends bigint, OUT dropped bigint) LANGUAGE plpgsql AS $$
DECLARE here SCHEMA.spaces; oldest record; ended bigint; freed bigint;
BEGIN
  here := SCHEMA.enter(p_space);
  recorded := SCHEMA.now_ms(p_now);
  dropped := 0;
  WITH gone AS (DELETE FROM SCHEMA.analyses a WHERE a.space = p_space AND a.expires_at <= recorded RETURNING a.bytes) SELECT count(*), coalesce(sum(bytes), 0) INTO ended, freed FROM gone;
  here.analyses := here.analyses - ended;
  here.analysis_bytes := here.analysis_bytes - freed;
  WHILE here.analyses > 0 AND (here.analyses + 1 > p_max OR here.analysis_bytes + p_bytes > p_max_bytes) LOOP
    DELETE FROM SCHEMA.analyses a WHERE a.space = p_space AND a.id = (SELECT min(b.id) FROM SCHEMA.analyses b WHERE b.space = p_space) RETURNING a.bytes INTO oldest;
    EXIT WHEN NOT FOUND;
    here.analyses := here.analyses - 1;
    here.analysis_bytes := here.analysis_bytes - oldest.bytes;
    dropped := dropped + 1;
  END LOOP;
  id := here.analysis + 1;
  at := coalesce(p_at, recorded);
  ends := recorded + p_retention;
  INSERT INTO SCHEMA.analyses VALUES (p_space, id, at, p_symbol, p_timeframe, p_kind, p_body, p_bytes, p_by, recorded, ends);
  UPDATE SCHEMA.spaces s SET analysis = append_analysis.id, analyses = here.analyses + 1, analysis_bytes = here.analysis_bytes + p_bytes WHERE s.space = p_space;
END $$;
`

const signals = `
CREATE OR REPLACE FUNCTION SCHEMA.publish_signal(p_now bigint, p_space text, p_channel text, p_by text, p_body text, p_bytes bigint, p_ttl bigint, p_max bigint, p_max_bytes bigint, p_max_channels bigint,
  p_topic text, OUT word text, OUT id bigint, OUT published bigint, OUT ends bigint) LANGUAGE plpgsql AS $$
DECLARE here SCHEMA.spaces; old SCHEMA.channels; oldest record; held bigint; kept bigint;
BEGIN
  here := SCHEMA.enter(p_space);
  published := SCHEMA.now_ms(p_now);
  ends := published + p_ttl;
  SELECT * INTO old FROM SCHEMA.channels c WHERE c.space = p_space AND c.channel = p_channel AND c.expires_at > published;
  IF NOT FOUND THEN
    old := NULL;
    WITH gone AS (DELETE FROM SCHEMA.channels c WHERE c.space = p_space AND c.expires_at <= published RETURNING c.channel)
      DELETE FROM SCHEMA.signals s USING gone WHERE s.space = p_space AND s.channel = gone.channel;
    SELECT count(*) INTO held FROM SCHEMA.channels c WHERE c.space = p_space;
    IF held >= p_max_channels THEN
      word := 'channels'; id := held;
      RETURN;
    END IF;
  END IF;
  DELETE FROM SCHEMA.signals s WHERE s.space = p_space AND s.channel = p_channel AND s.expires_at <= published;
  SELECT count(*), coalesce(sum(s.bytes), 0) INTO held, kept FROM SCHEMA.signals s WHERE s.space = p_space AND s.channel = p_channel;
  WHILE held > 0 AND (held + 1 > p_max OR kept + p_bytes > p_max_bytes) LOOP
    DELETE FROM SCHEMA.signals s WHERE s.space = p_space AND s.channel = p_channel AND s.id = (SELECT min(b.id) FROM SCHEMA.signals b WHERE b.space = p_space AND b.channel = p_channel)
      RETURNING s.id, s.bytes INTO oldest;
    held := held - 1;
    kept := kept - oldest.bytes;
    old.dropped := oldest.id;
  END LOOP;
  id := here.signal + 1;
  INSERT INTO SCHEMA.signals VALUES (p_space, p_channel, id, p_body, p_bytes, p_by, published, ends);
  INSERT INTO SCHEMA.channels AS c VALUES (p_space, p_channel, coalesce(old.dropped, 0), id, ends)
    ON CONFLICT (space, channel) DO UPDATE SET dropped = excluded.dropped, newest = excluded.newest, expires_at = greatest(c.expires_at, excluded.expires_at);
  UPDATE SCHEMA.spaces s SET signal = publish_signal.id WHERE s.space = p_space;
  PERFORM pg_notify('SCHEMA', p_topic);
  word := 'done';
END $$;
CREATE OR REPLACE FUNCTION SCHEMA.mark_signals(p_now bigint, p_space text, p_channel text, p_reader text, p_cursor bigint, p_ttl bigint, OUT at bigint) LANGUAGE plpgsql AS $$
DECLARE here SCHEMA.spaces; moment bigint;
BEGIN
  here := SCHEMA.enter(p_space);
  moment := SCHEMA.now_ms(p_now);
  SELECT cursor INTO at FROM SCHEMA.marks m WHERE m.space = p_space AND m.channel = p_channel AND m.reader = p_reader AND m.expires_at > moment;
  at := greatest(coalesce(at, 0), least(p_cursor, here.signal));
  INSERT INTO SCHEMA.marks VALUES (p_space, p_channel, p_reader, at, moment + p_ttl)
    ON CONFLICT (space, channel, reader) DO UPDATE SET cursor = excluded.cursor, expires_at = excluded.expires_at;
END $$;
CREATE OR REPLACE FUNCTION SCHEMA.sweep(p_now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE moment bigint; one text;
BEGIN
  moment := SCHEMA.now_ms(p_now);
  FOR one IN
    SELECT space FROM (
      SELECT space FROM SCHEMA.state WHERE expires_at <= moment UNION SELECT space FROM SCHEMA.analyses WHERE expires_at <= moment UNION SELECT space FROM SCHEMA.channels WHERE expires_at <= moment
    ) ended ORDER BY space LIMIT 100
  LOOP
    PERFORM SCHEMA.enter(one);
    DELETE FROM SCHEMA.state WHERE space = one AND expires_at <= moment;
    DELETE FROM SCHEMA.analyses WHERE space = one AND expires_at <= moment;
    DELETE FROM SCHEMA.signals s USING SCHEMA.channels c WHERE c.space = one AND c.expires_at <= moment AND s.space = one AND s.channel = c.channel;
    DELETE FROM SCHEMA.channels WHERE space = one AND expires_at <= moment;
    UPDATE SCHEMA.spaces SET
      keys = (SELECT count(*) FROM SCHEMA.state WHERE space = one), bytes = (SELECT coalesce(sum(bytes), 0) FROM SCHEMA.state WHERE space = one),
      analyses = (SELECT count(*) FROM SCHEMA.analyses WHERE space = one), analysis_bytes = (SELECT coalesce(sum(bytes), 0) FROM SCHEMA.analyses WHERE space = one)
    WHERE space = one;
  END LOOP;
  DELETE FROM SCHEMA.marks WHERE expires_at <= moment;
END $$;
`

/** The statements that make tables and functions in a schema, whose name fits `^[a-z][a-z0-9_]*$`. One transaction; the caller holds the lock. */
export function schemaSql(schema: string): string {
  const qualified = tables
    .replaceAll(/CREATE TABLE IF NOT EXISTS (\w+)/g, 'CREATE TABLE IF NOT EXISTS SCHEMA.$1')
    .replaceAll(/ ON (\w+) \(/g, ' ON SCHEMA.$1 (')
  const meta = `
CREATE SCHEMA IF NOT EXISTS SCHEMA;
CREATE TABLE IF NOT EXISTS SCHEMA.about (version integer NOT NULL);
`
  const end = `
DELETE FROM SCHEMA.about;
INSERT INTO SCHEMA.about VALUES (${schemaVersion});
`
  return [meta, qualified, time, state, history, signals, end].join('').replaceAll(/SCHEMA(?! IF)/g, schema)
}
